import { PlainError } from '../../plain-error.ts';

/** Numbers of CPUs: one for the server, another one for whoever loads it. */
export interface Cpus {
  readonly server: number;
  readonly load: number;
}

/** The CPUs that lie farthest apart among those that a process may use, of the text of /proc/PID/status. */
export function chooseCpus(status: string): Cpus {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  const numbers = list.split(/[,-]/).map(Number);
  const [server, load] = [Math.min(...numbers), Math.max(...numbers)];
  if (list === '' || server === load) {
    throw new PlainError(
      `the suite of the webhook needs two CPUs, one for the server and one for its load; there are: ${list || 'none'}`,
    );
  }
  return { server, load };
}

/** The command, on that CPU alone. `taskset` becomes it, so that the pid is its own. */
export function pinned(command: string, cpu: number): string {
  return `taskset --cpu-list ${cpu} ${command}`;
}
