export interface Instruction {
  /** In upper case: FROM, COPY. */
  name: string;
  /** What follows, in one line. */
  text: string;
}

/** The instructions of a Dockerfile, as the reference has it (https://docs.docker.com/reference/dockerfile/#format); here-documents aside. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replace(/\s*\\\n\s*/g, ' ');
  return joined
    .split('\n')
    .map((line) => /^\s*(\S+)\s+(.*\S)/.exec(line))
    .flatMap((match) => (match ? [{ name: match[1]?.toUpperCase() ?? '', text: match[2] ?? '' }] : []));
}

/** Paths that are copied from the context. */
export function copiedFiles(instructions: readonly Instruction[]): string[] {
  return instructions
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
    .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
}

/** What an ARG is when nobody gives it a value. */
export function defaultOf(argument: string, instructions: readonly Instruction[]): string | undefined {
  const found = instructions.find(({ name, text }) => name === 'ARG' && text.startsWith(`${argument}=`));
  return found?.text.slice(argument.length + 1);
}
