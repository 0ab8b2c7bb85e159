/** What of a lock file's entry is looked at. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: readonly string[];
}

/** By path: `node_modules/jest`; the project itself is the empty path. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export function reasonToInstall(
  locked: LockedPackages,
  installed: LockedPackages | undefined,
  here: {
    readonly platform: { readonly os: string; readonly cpu: string };
    readonly isThere: (path: string) => boolean;
  },
): string | undefined;

export function isAtLeast(version: string, range: string): boolean;
