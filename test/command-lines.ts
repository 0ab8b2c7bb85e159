import { readdir, readFile } from 'node:fs/promises';

/** The command lines of all processes of this (Linux) machine by pid, arguments parted by spaces. */
export async function readCommandLines(): Promise<Map<number, string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = async (pid: string) => [Number(pid), await readCommandLine(pid)] as const;
  return new Map(await Promise.all(pids.map(read)));
}

/** Empty for a process that has ended, and for the kernel's own. */
async function readCommandLine(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim();
}
