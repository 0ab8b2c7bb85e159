/** A line of a program's log. */
export interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly reason?: string;
  readonly err?: { readonly message: string };
  readonly [field: string]: unknown;
}

/** The lines of a log in JSON, in their order. */
export function logEntries(program: { log(): string }): LogEntry[] {
  return program
    .log()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogEntry);
}

/** The messages of a log, each with its reason where it has one. */
export function messages(program: { log(): string }): string[] {
  return logEntries(program).map(({ msg, reason }) => (reason === undefined ? msg : `${msg}: ${reason}`));
}

/** The messages of a log that are neither INFO nor DEBUG. */
export function complaints(program: { log(): string }): string[] {
  return logEntries(program)
    .filter(({ level }) => !['INFO', 'DEBUG'].includes(level))
    .map(({ msg }) => msg);
}
