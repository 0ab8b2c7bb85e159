/**
 * What a setting's text may be and what it means. A kind is pure: text in, value out, and back.
 *
 * `parse` gets the text as it was given (never blank: blank means unset) and answers `undefined` for what it does not accept;
 * `accepts` then completes the sentence "accepts …". For every value it can give, `parse(print(value))` gives that value again.
 */
export interface Kind<T> {
  readonly name: string;
  readonly accepts: string;
  parse(text: string): T | undefined;
  print(value: T): string;
  /** The closed list of accepted words, for "did you mean". */
  readonly words?: readonly string[];
  /** The value as it may stand in a log, where that differs from `print`. */
  redact?(value: T): string;
  /** What is wrong with text that `parse` does not accept, where it can be told; says nothing secret. */
  explain?(text: string): { readonly fault: string; readonly nearest?: string | undefined } | undefined;
  /** Whether two values mean the same, where one value can be printed in several ways. */
  isSame?(one: T, other: T): boolean;
  /** Text that counts as unset besides blank text. */
  isUnset?(text: string): boolean;
}

/** Any text, kept as given, white space included. */
export function text(accepts = 'any text'): Kind<string> {
  return { name: 'text', accepts, parse: (given) => given, print: (value) => value };
}

/** `true` or `false` in any case. */
export const boolean: Kind<boolean> = {
  name: 'boolean',
  accepts: 'true or false',
  words: ['true', 'false'],
  parse: (given) => [true, false].find((value) => String(value) === given.trim().toLowerCase()),
  print: String,
};

/** A whole number from `min` to `max`. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}): Kind<number> {
  const accepts =
    max === Number.MAX_SAFE_INTEGER ? `a whole number, at least ${min}` : `a whole number from ${min} to ${max}`;
  return {
    name: 'integer',
    accepts,
    parse: (given) => within(/^[+-]?\d+$/.test(given.trim()) ? Number(given) : NaN, min, max),
    print: String,
  };
}

/** A number that is not negative, such as the factor of a backoff. */
export const factor: Kind<number> = {
  name: 'factor',
  accepts: 'a number from 0 to 1000000000',
  parse: (given) => within(/^\+?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(given.trim()) ? Number(given) : NaN, 0, 1e9),
  print: String,
};

/**
 * A TCP port; 0 has a meaning of its own that the row tells. A service called `health` makes Kubernetes put
 * `HEALTH_PORT=tcp://…` into every container of its namespace: that counts as unset.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export const port: Kind<number> = {
  ...integer({ min: 0, max: 65535 }),
  name: 'port',
  isUnset: (given) => given.trim().startsWith('tcp://'),
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
// Node's timers take at most a signed 32-bit number of milliseconds; a longer wait would fire at once.
const longestDurationMs = 2 ** 31 - 1;

/** A span of time; the value is in milliseconds. A bare number is seconds, as kiwigrid/k8s-sidecar has it. */
export const duration: Kind<number> = {
  name: 'duration',
  accepts: 'seconds, or a number with ms, s, m or h, such as 500ms (at most 24 days)',
  parse: (given) => {
    const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h)?$/i.exec(given.trim());
    if (!match) return undefined;
    const ms = Number(match[1]) * (unitMs[(match[2] ?? 's').toLowerCase()] ?? 1000);
    return within(Math.round(ms), 0, longestDurationMs);
  },
  print: (ms) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`),
};

/** A span of time that can't be 0: the pause of a loop, or the time limit of something that takes its time. */
export const positiveDuration: Kind<number> = {
  ...duration,
  accepts: 'seconds, or a number with ms, s, m or h, such as 500ms (more than 0, at most 24 days)',
  parse: (given) => duration.parse(given) || undefined,
};

/** As `positiveDuration`; 0, which kiwigrid/k8s-sidecar takes, counts as unset: there is no such pause or time limit. */
export const durationUnlessZero: Kind<number> = {
  ...positiveDuration,
  accepts: 'seconds, or a number with ms, s, m or h, such as 500ms (at most 24 days); 0 counts as unset',
  isUnset: (given) => duration.parse(given) === 0,
};

/** One of a closed list of words, in any case; the value is the word as listed. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<W> {
  return {
    name: 'oneOf',
    accepts: inWords(words),
    words,
    parse: (given) => words.find((word) => word.toLowerCase() === given.trim().toLowerCase()),
    print: (value) => value,
  };
}

/** Unix permission bits in octal, such as 644 or, as Python writes it, 0o644; the value is the number that `chmod` takes. */
export const fileMode: Kind<number> = {
  name: 'fileMode',
  accepts: 'three octal digits, such as 644',
  parse: (given) => {
    const [, digits] = /^(?:0o?)?([0-7]{3})$/i.exec(given.trim()) ?? [];
    return digits === undefined ? undefined : Number.parseInt(digits, 8);
  },
  print: (mode) => mode.toString(8).padStart(3, '0'),
};

/** An absolute path below the root, without `.` and `..` and without a slash at its end. */
export const folder: Kind<string> = {
  name: 'folder',
  accepts: 'an absolute path, such as /etc/dashboards',
  parse: (given) => {
    const parts = given
      .trim()
      .split('/')
      .filter((part) => part !== '' && part !== '.');
    const usable = given.trim().startsWith('/') && parts.length > 0 && !parts.includes('..') && !given.includes('\0');
    return usable ? `/${parts.join('/')}` : undefined;
  },
  print: (path) => path,
};

/** Folders, comma separated, each as `folder` takes it. */
export const folders: Kind<readonly string[]> = {
  name: 'folders',
  accepts: 'a comma separated list of absolute paths',
  parse: (given) => {
    const parsed = given
      .split(',')
      .filter((item) => item.trim() !== '')
      .map((item) => folder.parse(item));
    const usable = parsed.filter((path) => path !== undefined);
    return usable.length > 0 && usable.length === parsed.length ? usable : undefined;
  },
  print: (paths) => paths.join(','),
};

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const unitBytes: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 };

/** An amount of bytes, with Kubernetes' suffixes: `10Mi`, or a bare number of bytes. */
export const byteSize: Kind<number> = {
  name: 'byteSize',
  accepts: 'a number of bytes, or a whole number with Ki, Mi, Gi, k, M or G, such as 10Mi (at least 1)',
  parse: (given) => {
    const match = /^(\d+)\s*([kmg]i?)?$/i.exec(given.trim());
    if (!match) return undefined;
    return within(Number(match[1]) * (unitBytes[(match[2] ?? '').toLowerCase()] ?? 1), 1, Number.MAX_SAFE_INTEGER);
  },
  print: (bytes) => {
    const unit = (['Gi', 'Mi', 'Ki'] as const).find((suffix) => bytes % (unitBytes[suffix.toLowerCase()] ?? 1) === 0);
    return unit === undefined ? String(bytes) : `${bytes / (unitBytes[unit.toLowerCase()] ?? 1)}${unit}`;
  },
};

// Python's names, as it normalizes them: https://docs.python.org/3/library/codecs.html#standard-encodings
const encodingNames = {
  latin1: '8859 cp819 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 latin latin1 latin_1',
  'utf-8': 'cp65001 u8 utf utf8 utf_8',
  ascii: '646 ansi_x3.4_1968 ansi_x3.4_1986 ascii cp367 ibm367 iso646_us iso_ir_6 us us_ascii',
} as const;
type Encoding = keyof typeof encodingNames;
const encodings: ReadonlyMap<string, Encoding> = new Map(
  Object.entries(encodingNames).flatMap(([encoding, names]) =>
    names.split(' ').map((name) => [name, encoding as Encoding]),
  ),
);

/** How user name and password become bytes. */
export const textEncoding: Kind<Encoding> = {
  name: 'textEncoding',
  accepts: 'latin1, utf-8 or ascii',
  words: ['latin1', 'utf-8', 'ascii'],
  parse: (given) =>
    encodings.get(
      given
        .trim()
        .toLowerCase()
        .replace(/[^a-z0-9.]+/g, '_'),
    ),
  print: (value) => value,
};

/** A path to a file, kept as given but for surrounding white space. */
export const filePath: Kind<string> = {
  name: 'filePath',
  accepts: 'a path to a file',
  parse: (given) => (given.includes('\0') ? undefined : given.trim()),
  print: (path) => path,
};

/** An http or https URL. What may be secret in it (userinfo, path, query) never gets into a log. */
export const url: Kind<string> = {
  name: 'url',
  accepts: 'an http:// or https:// URL',
  parse: (given) => {
    const parsed = URL.parse(given.trim());
    return parsed && ['http:', 'https:'].includes(parsed.protocol) ? given.trim() : undefined;
  },
  print: (value) => value,
  redact: redactUrl,
};

/** A URL for logs: where it leads to. Secrets stand in the userinfo, the path (chat services' webhooks), the query. */
export function redactUrl(value: string): string {
  const parsed = URL.parse(value);
  if (!parsed) return '***';
  const rest = parsed.pathname === '/' && !parsed.search ? '/' : '/***';
  return `${parsed.protocol}//${parsed.username || parsed.password ? '***@' : ''}${parsed.host}${rest}`;
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

function inWords(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join();
}
