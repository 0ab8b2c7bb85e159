import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearestName } from '../shared/settings/nearest-name.ts';
import { PlainError } from './plain-error.ts';

/** What to print of a command line that doesn't ask for anything to be done. */
export type Answer = { help: string } | { problem: string };

/** What a command line may have; positionals are not accepted unless told. */
export interface Accepted<T extends ParseArgsOptionsConfig> {
  options: T;
  allowPositionals?: boolean;
  usage: string;
}

type Read<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: boolean }>
>;

/**
 * Reads a command line; `interpret` makes of it what the program needs, and throws a PlainError for what it doesn't accept. With --help or -h
 * the usage is all that is wanted.
 */
export function readOptions<T extends ParseArgsOptionsConfig, R>(
  args: readonly string[],
  accepted: Accepted<T>,
  interpret: (read: Read<T>) => R,
): R | Answer {
  const { options, allowPositionals = false, usage } = accepted;
  if (args.includes('--help') || args.includes('-h')) return { help: usage };
  try {
    requireAccepted(args, { options, allowPositionals });
    return interpret(parseArgs({ args: [...args], options, allowPositionals }));
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    return { problem: `${error.message}\n\n${usage}` };
  }
}

/** Prints it; returns the exit code. */
export function printAnswer(answer: Answer): number {
  if ('help' in answer) {
    console.log(answer.help);
    return 0;
  }
  console.error(answer.problem);
  // As shells and their commands report wrong usage.
  return 2;
}

type Limits = Required<Omit<Accepted<ParseArgsOptionsConfig>, 'usage'>>;

/** Before parseArgs refuses something in words that don't help. */
function requireAccepted(args: readonly string[], { options, allowPositionals }: Limits): void {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  for (const token of tokens) {
    if (token.kind === 'positional' && !allowPositionals) {
      throw new PlainError(`nothing but options is accepted, not ${JSON.stringify(token.value)}`);
    }
    if (token.kind === 'option') requireOption(token, options);
  }
}

interface Option {
  name: string;
  /** As it was typed. */
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function requireOption(option: Option, options: ParseArgsOptionsConfig): void {
  const { name, rawName, value } = option;
  const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
  if (type === undefined || !rawName.startsWith('--')) throw new PlainError(unknown(rawName, Object.keys(options)));
  if (type === 'boolean' && value !== undefined) {
    throw new PlainError(`${rawName} goes without a value, not with ${JSON.stringify(value)}`);
  }
  if (type === 'string' && lacksValue(option)) throw new PlainError(`${rawName} needs a value`);
}

/** What looks like the next option is one: it is likelier that the value before it was forgotten. */
function lacksValue({ value, inlineValue = false }: Option): boolean {
  return value === undefined || (!inlineValue && value.startsWith('-'));
}

function unknown(rawName: string, names: readonly string[]): string {
  const nearest = nearestName(rawName.replace(/^-+/, ''), [...names, 'help']);
  return `unknown option ${rawName}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`;
}
