import { environmentNaming, flagNaming } from './settings/naming.ts';
import { nearestName } from './settings/nearest-name.ts';
import { describeProblem, type Problem } from './settings/problem.ts';
import type { SettingsTable } from './settings/setting.ts';

/** What a command line asks for. `flags` are settings as given, to be read by `flagNaming`; `operands` is what stands beside them. */
export type CommandLine =
  | { readonly wants: 'help' | 'version' }
  | { readonly wants: 'run'; readonly flags: Readonly<Record<string, string>>; readonly operands: readonly string[] }
  | { readonly wants: 'correction'; readonly fault: string };

/** What a person is told of a program. */
export interface ProgramDescription {
  readonly name: string;
  /** One sentence. */
  readonly purpose: string;
  readonly table: SettingsTable;
  /** What it can do besides, by how it is called. */
  readonly commands?: Readonly<Record<string, string>>;
}

/** What a command line may have besides flags. */
export interface Accepted {
  /** How many. */
  readonly operands: number;
  /** Which the first argument may have been meant to be; commands themselves are read elsewhere. */
  readonly commands: readonly string[];
}

/** Reads `--name value` and `--name=value`, of two flags of one name the last one counts; and as many operands as there may be. */
export function readCommandLine(
  argv: readonly string[],
  accepted: Accepted = { operands: 0, commands: [] },
): CommandLine {
  if (argv.includes('--help') || argv.includes('-h')) return { wants: 'help' };
  if (argv.includes('--version')) return { wants: 'version' };
  const flags: Record<string, string> = {};
  const operands: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const flag = readFlag(argv, at);
    if (flag) {
      if (flag.value === undefined) return { wants: 'correction', fault: `${flag.name} has no value` };
      flags[flag.name] = flag.value;
      at += flag.taken;
    } else if (isOperand(argv[at]!) && operands.length < accepted.operands) operands.push(argv[at]!);
    // It may be part of a value, a secret one too, that a shell has split: its place has to do.
    else return { wants: 'correction', fault: `argument ${at + 1} is no flag${likelyCommand(argv, at, accepted)}` };
  }
  return { wants: 'run', flags, operands };
}

function likelyCommand([first = '']: readonly string[], at: number, { commands }: Accepted): string {
  const nearest = at === 0 ? nearestName(first, commands) : undefined;
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** The flag at a place, and how many of the arguments behind it are its value; undefined for what is none. */
function readFlag(argv: readonly string[], at: number) {
  const [, name, inlineValue] = /^(--[^=]+)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
  if (name === undefined) return undefined;
  return inlineValue === undefined
    ? { name, value: valueOf(argv[at + 1]), taken: 1 }
    : { name, value: inlineValue, taken: 0 };
}

/** A single dash is stdin, by custom. */
function isOperand(argument: string): boolean {
  return argument === '-' || !argument.startsWith('-');
}

/** A value may begin with two dashes only after an equals sign: it is likelier that the value before was forgotten. */
function valueOf(argument: string | undefined): string | undefined {
  return argument?.startsWith('--') ? undefined : argument;
}

/** The problems that only another command line can mend: not a setting that is missing, which the environment may have too. */
export function flagProblems(problems: readonly Problem[]): string[] {
  return problems.filter(({ where, kind }) => where.startsWith('--') && kind !== 'missing').map(describeProblem);
}

/** What stands on stderr when a command line is not accepted. */
export function correction({ name }: ProgramDescription, faults: readonly string[]): string {
  return [
    `usage: ${name} [--SETTING VALUE]...   (more by --help)`,
    ...faults.map((fault) => `${name}: error: ${fault}`),
    '',
  ].join('\n');
}

/** The answer to `--help`. */
export function help({ name, purpose, table, commands = {} }: ProgramDescription): string {
  const required = Object.entries({ ...table.process, ...table.sync }).filter(([, setting]) => setting.required);
  const spell = (row: string, naming = environmentNaming): string => naming.spell({ row, sync: null });
  const lines = required.map(
    ([row, { description }]) => `  ${spell(row)}, ${spell(row, flagNaming)}\n      ${description}`,
  );
  const usages = Object.entries(commands).map(([usage, does]) => `\n  ${name} ${usage}\n      ${does}`);
  return `usage: ${name} [--SETTING VALUE]...

${purpose}
${usages.length > 0 ? `\nBesides:${usages.join('')}\n` : ''}
A setting is an environment variable or, unless it is a secret, a flag, which wins: ${spell('LOG_LEVEL')} is ${spell('LOG_LEVEL', flagNaming)}.
${lines.length > 0 ? `\nRequired:\n${lines.join('\n')}\n` : ''}
All settings: docs/settings.md
`;
}
