import type { Setting } from './setting.ts';

/** The domain of our annotations and labels. */
export const domain = 'sync-sidecar.io';

/** Which row a key means, and of which sync; `sync` is null for a setting of the process or the default of all syncs. */
export interface Place {
  readonly row: string;
  readonly sync: string | null;
}

/** How settings are spelled in one kind of source. */
export interface Naming {
  /** The place that a key names, or null when the key is none of ours. The row need not exist. */
  locate(key: string, syncs: readonly string[]): Place | null;
  spell(place: Place): string;
  /** Why this source may not set the row. */
  refusal(row: Setting<unknown>): string | undefined;
  /** Whether a key that locates a row we don't know is a mistake; elsewhere it may belong to somebody else. */
  readonly ownsItsNames: boolean;
  /** How many characters a value may have. */
  readonly longestText: number;
  /** The page that lists what there is. */
  readonly page?: string;
}

/**
 * Of an annotation, and of what stands in its place in a profile. Selectors and templates of payloads have some hundred characters, long
 * lists of names a few thousand. Nobody else looks after it: the API server measures annotations only after mutating admission, and
 * without a limit one of megabytes would be read for everybody who waits.
 */
export const longestText = 4096;

/**
 * `REQ_URL`, and `DASHBOARDS__REQ_URL` for the sync `dashboards`. Two underscores, because Kubernetes' service links put
 * `DASHBOARDS_PORT` into every container, and `A_REQ_METHOD` could mean two things.
 */
export const environmentNaming: Naming = {
  locate: (key, syncs) => {
    const sync = syncs.find((name) => key.startsWith(environmentPrefix(name)));
    return sync === undefined ? { row: key, sync: null } : { row: key.slice(environmentPrefix(sync).length), sync };
  },
  spell: ({ row, sync }) => (sync === null ? row : environmentPrefix(sync) + row),
  refusal: () => undefined,
  ownsItsNames: false,
  longestText: Infinity,
};

/** `--req-url`, and `--dashboards.req-url` for the sync `dashboards`. */
export const flagNaming: Naming = {
  locate: (key, syncs) => (key.startsWith('--') ? profileNaming.locate(key.slice(2), syncs) : null),
  spell: (place) => `--${profileNaming.spell(place)}`,
  refusal: ({ secret }) => (secret ? 'is a secret, and every process may read the command line of another' : undefined),
  ownsItsNames: true,
  longestText: Infinity,
};

/** Of annotations and profiles. */
const page = 'docs/annotations.md';

/** `sync-sidecar.io/req-url`, and `dashboards.sync-sidecar.io/req-url` for the sync `dashboards`. */
export const annotationNaming: Naming = {
  locate: (key) => {
    // Most annotations are somebody else's.
    if (!key.includes(domain)) return null;
    const [host = '', name, ...rest] = key.split('/');
    if (name === undefined || rest.length > 0) return null;
    if (host === domain) return { row: rowName(name), sync: null };
    return host.endsWith(`.${domain}`) ? { row: rowName(name), sync: host.slice(0, -domain.length - 1) } : null;
  },
  spell: ({ row, sync }) => `${sync === null ? '' : `${sync}.`}${domain}/${kebabName(row)}`,
  refusal: ({ annotation }) =>
    ({
      yes: undefined,
      'pod-only': undefined,
      'profile-only': 'only a profile of the platform team may set this',
      no: 'only a sidecar that is written by hand may set this',
    })[annotation],
  ownsItsNames: true,
  longestText,
  page,
};

/** Whether an annotation or a label is in our domain, whatever it says there. */
export function isOurs(key: string): boolean {
  return annotationNaming.locate(key, []) !== null;
}

/** `req-url`, and `dashboards.req-url` for the sync `dashboards`, as profiles in the webhook's configuration file spell them. */
export const profileNaming: Naming = {
  locate: (key) => {
    const dot = key.indexOf('.');
    return dot < 0 ? { row: rowName(key), sync: null } : { row: rowName(key.slice(dot + 1)), sync: key.slice(0, dot) };
  },
  spell: ({ row, sync }) => `${sync === null ? '' : `${sync}.`}${kebabName(row)}`,
  refusal: ({ annotation }) =>
    ({
      yes: undefined,
      'profile-only': undefined,
      'pod-only': 'only a pod may set this',
      no: 'only a sidecar that is written by hand may set this',
    })[annotation],
  ownsItsNames: true,
  longestText,
  page,
};

/** `REQ_URL` as annotations and profiles spell it: `req-url`. */
function kebabName(row: string): string {
  return row.toLowerCase().replaceAll('_', '-');
}

/** The row that `req-url` means. Keys are case-sensitive in Kubernetes, so that `Req-Url` and `REQ_URL` mean none: rows are in capitals. */
function rowName(name: string): string {
  return /[A-Z_]/.test(name) ? name.toLowerCase() : name.toUpperCase().replaceAll('-', '_');
}

function environmentPrefix(sync: string): string {
  return `${sync.toUpperCase().replaceAll('-', '_')}__`;
}
