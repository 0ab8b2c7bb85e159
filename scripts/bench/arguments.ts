import { parseArgs } from 'node:util';
import { errorMessage } from '../../shared/error-message.ts';
import { ownName } from './metric.ts';

/** What `npm run bench` is asked for. */
export interface BenchArguments {
  /** One suite; undefined: all. */
  readonly suite: string | undefined;
  /** Undefined: as many as the suite has of itself. */
  readonly rounds: number | undefined;
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

/** What there is to ask for. */
export interface KnownSuite {
  readonly name: string;
  readonly rows: readonly string[];
  /** Rounds unless told, and at least for a result that is kept. */
  readonly rounds: number;
  /** Name of the column of the program that bounds what is possible. */
  readonly boundName: string;
}

/** Reads the command line; `problem` says what is not accepted, and the usage. */
export function readArguments(
  args: readonly string[],
  suites: readonly KnownSuite[],
): BenchArguments | { problem: string } {
  try {
    return interpret(parse(args), suites);
  } catch (error) {
    return { problem: `${errorMessage(error)}\n\n${usage(suites)}` };
  }
}

type Parsed = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const many = { type: 'string', multiple: true } as const;
  const options = { rounds: { type: 'string' }, row: many, peer: many } as const;
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

function interpret({ values, positionals }: Parsed, suites: readonly KnownSuite[]): BenchArguments {
  const [suite, ...more] = positionals;
  if (more.length > 0) throw new Error(`one suite at a time, not ${positionals.join(' and ')}`);
  const asked = suites.filter(({ name }) => suite === undefined || name === suite);
  if (asked.length === 0) throw new Error(`there is no suite ${JSON.stringify(suite)}`);
  const rows = values.row ?? [];
  const unknown = rows.find((row) => !asked.some((known) => known.rows.includes(row)));
  if (unknown !== undefined) throw new Error(`there is no row ${JSON.stringify(unknown)}`);
  const peers = readPeers(values.peer ?? [], asked);
  return { suite, rows, peers, rounds: values.rounds === undefined ? undefined : readRounds(values.rounds) };
}

function readRounds(text: string): number {
  // More than an afternoon's worth is a slip of the finger.
  if (!/^[1-9]\d?$/.test(text)) throw new Error(`--rounds needs a number from 1 to 99, not ${JSON.stringify(text)}`);
  return Number(text);
}

function readPeers(texts: readonly string[], asked: readonly KnownSuite[]): Peer[] {
  if (texts.length > 0 && asked.length > 1) throw new Error('--peer needs the suite that it takes part in');
  const peers = texts.map((text) => {
    const at = text.indexOf('=');
    const peer = { name: text.slice(0, Math.max(0, at)).trim(), command: text.slice(at + 1).trim() };
    if (peer.name === '' || peer.command === '') {
      throw new Error(`--peer needs 'NAME=COMMAND', not ${JSON.stringify(text)}`);
    }
    return peer;
  });
  const names = [ownName, ...asked.map(({ boundName }) => boundName), ...peers.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two columns would be called ${JSON.stringify(twice)}`);
  return peers;
}

function usage(suites: readonly KnownSuite[]): string {
  return [
    `usage: npm run bench -- [${suites.map(({ name }) => name).join(' | ')}] [--rounds N] [--row NAME]... [--peer 'NAME=COMMAND']...`,
    ...suites.map(({ name, rows }) => `  rows of ${name}: ${rows.join(', ')}`),
    `  --rounds N             figures are medians of N rounds; unless given ${suites.map(({ name, rounds }) => `${rounds} of ${name}`).join(', ')}`,
    "  --peer 'NAME=COMMAND'  another program beside ours, run with the same environment; the first one is what budgets compare with",
  ].join('\n');
}
