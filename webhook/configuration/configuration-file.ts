import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Problem } from '../../shared/settings/problem.ts';
import { systemErrorCode } from '../../shared/system-error.ts';
import { emptyConfiguration, parseConfiguration, type Configuration } from './configuration.ts';

/** A configuration file as it was found: its text, or the system's name of the error with which reading it ended, such as `ENOENT`. */
export type FoundFile = { readonly text: string } | { readonly error: string };

/** What a configuration file says, or every problem with it. */
export interface ReadConfiguration {
  readonly configuration: Configuration | null;
  readonly problems: readonly Problem[];
  /** The same for the same text; null where there is none. */
  readonly version: string | null;
}

/** Reads the configuration file; without a path the configuration is empty. */
export async function readConfigurationFile(path: string | undefined): Promise<ReadConfiguration> {
  if (path === undefined) return { configuration: emptyConfiguration, problems: [], version: null };
  return parseFile(await findFile(path), path);
}

export async function findFile(path: string): Promise<FoundFile> {
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { error: systemErrorCode(error) };
  }
}

export function parseFile(found: FoundFile, path: string): ReadConfiguration {
  if ('text' in found) return { ...parseConfiguration(found.text, path), version: versionOf(found.text) };
  const fault = `names ${path}, which cannot be read (${found.error})`;
  return { configuration: null, problems: [{ where: 'CONFIG_FILE', kind: 'not-accepted', fault }], version: null };
}

// As many digits as Git shows of a commit: enough to tell the versions of one file apart.
const versionDigits = 12;

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, versionDigits);
}
