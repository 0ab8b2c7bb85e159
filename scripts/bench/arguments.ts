import { parseArgs } from 'node:util';
import { loopName, ownName } from './metric.ts';

/** What `npm run bench` is asked for. */
export interface BenchArguments {
  /** One suite; undefined: all. */
  readonly suite: string | undefined;
  readonly rounds: number;
  /** Parts of the suite; empty: all of it. */
  readonly rows: readonly string[];
  readonly peers: readonly Peer[];
}

/** Another program that does what ours does. */
export interface Peer {
  readonly name: string;
  /** For `sh -c`. */
  readonly command: string;
}

/** Suite → the names of its rows. */
export type KnownSuites = ReadonlyMap<string, readonly string[]>;

/** Two figures have no middle one. */
export const defaultRounds = 3;

/** Reads the command line; `problem` says what is not accepted, and the usage. */
export function readArguments(args: readonly string[], suites: KnownSuites): BenchArguments | { problem: string } {
  try {
    return interpret(parse(args), suites);
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}\n\n${usage(suites)}` };
  }
}

type Parsed = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const many = { type: 'string', multiple: true } as const;
  const options = { rounds: { type: 'string' }, row: many, peer: many } as const;
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

function interpret({ values, positionals }: Parsed, suites: KnownSuites): BenchArguments {
  const [suite, ...more] = positionals;
  if (more.length > 0) throw new Error(`one suite at a time, not ${positionals.join(' and ')}`);
  if (suite !== undefined && !suites.has(suite)) throw new Error(`there is no suite ${JSON.stringify(suite)}`);
  const rows = values.row ?? [];
  const known = suite === undefined ? [...suites.values()].flat() : (suites.get(suite) ?? []);
  const unknown = rows.find((row) => !known.includes(row));
  if (unknown !== undefined) throw new Error(`there is no row ${JSON.stringify(unknown)}`);
  return { suite, rows, rounds: readRounds(values.rounds), peers: readPeers(values.peer ?? []) };
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return defaultRounds;
  // More than an afternoon's worth is a slip of the finger.
  if (!/^[1-9]\d?$/.test(text)) throw new Error(`--rounds needs a number from 1 to 99, not ${JSON.stringify(text)}`);
  return Number(text);
}

function readPeers(texts: readonly string[]): Peer[] {
  const peers = texts.map((text) => {
    const at = text.indexOf('=');
    const peer = { name: text.slice(0, Math.max(0, at)).trim(), command: text.slice(at + 1).trim() };
    if (peer.name === '' || peer.command === '') {
      throw new Error(`--peer needs 'NAME=COMMAND', not ${JSON.stringify(text)}`);
    }
    return peer;
  });
  const names = [ownName, loopName, ...peers.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two columns would be called ${JSON.stringify(twice)}`);
  return peers;
}

function usage(suites: KnownSuites): string {
  return [
    `usage: npm run bench -- [${[...suites.keys()].join(' | ')}] [--rounds N] [--row NAME]... [--peer 'NAME=COMMAND']...`,
    ...[...suites].map(([suite, rows]) => `  rows of ${suite}: ${rows.join(', ')}`),
    `  --rounds N             figures are medians of N rounds; ${defaultRounds} unless given`,
    "  --peer 'NAME=COMMAND'  another program beside ours, run with the same environment; the first one is what budgets compare with",
  ].join('\n');
}
