import { environmentNaming, flagNaming } from './settings/naming.ts';
import { describeProblem, type Problem } from './settings/problem.ts';
import type { SettingsTable } from './settings/setting.ts';

/** What a command line asks for. `flags` are settings as given, to be read by `flagNaming`. */
export type CommandLine =
  | { readonly wants: 'help' | 'version' }
  | { readonly wants: 'run'; readonly flags: Readonly<Record<string, string>> }
  | { readonly wants: 'correction'; readonly fault: string };

/** What a person is told of a program. */
export interface ProgramDescription {
  readonly name: string;
  /** One sentence. */
  readonly purpose: string;
  readonly table: SettingsTable;
}

/** Reads `--name value` and `--name=value`; of two flags of one name the last one counts. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  if (argv.includes('--help') || argv.includes('-h')) return { wants: 'help' };
  if (argv.includes('--version')) return { wants: 'version' };
  const flags: Record<string, string> = {};
  for (let at = 0; at < argv.length; at++) {
    const [, name, inlineValue] = /^(--[^=]+)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    // It may be part of a value, a secret one too, that a shell has split: its place has to do.
    if (name === undefined) return { wants: 'correction', fault: `argument ${at + 1} is no flag` };
    const value = inlineValue ?? valueOf(argv[++at]);
    if (value === undefined) return { wants: 'correction', fault: `${name} has no value` };
    flags[name] = value;
  }
  return { wants: 'run', flags };
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
export function help({ name, purpose, table }: ProgramDescription): string {
  const required = Object.entries({ ...table.process, ...table.sync }).filter(([, setting]) => setting.required);
  const spell = (row: string, naming = environmentNaming): string => naming.spell({ row, sync: null });
  const lines = required.map(
    ([row, { description }]) => `  ${spell(row)}, ${spell(row, flagNaming)}\n      ${description}`,
  );
  return `usage: ${name} [--SETTING VALUE]...

${purpose}

A setting is an environment variable or, unless it is a secret, a flag, which wins: ${spell('LOG_LEVEL')} is ${spell('LOG_LEVEL', flagNaming)}.
${lines.length > 0 ? `\nRequired:\n${lines.join('\n')}\n` : ''}
All settings: docs/settings.md
`;
}
