import { readFileSync } from 'node:fs';

/** What the kernel says of a running process. */
export interface ProcessFigures {
  /** VmRSS. */
  readonly residentMiB: number;
  /** RssAnon: what it has for itself alone, without its program text. */
  readonly anonymousMiB: number;
  /** VmHWM: the highest VmRSS since the start. */
  readonly peakMiB: number;
  /** User and system time since the start, of all threads. */
  readonly cpuMs: number;
}

/** Reads /proc of Linux; throws when the process has ended. */
export function processFigures(pid: number): ProcessFigures {
  return parseFigures(readFileSync(`/proc/${pid}/status`, 'utf8'), readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The same from the texts of /proc/PID/status and /proc/PID/stat: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function parseFigures(status: string, stat: string): ProcessFigures {
  const mebibytes = (name: string): number => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/PID/status has no ${name}: the process has ended`);
    return Number(kibibytes) / 1024;
  };
  return {
    residentMiB: mebibytes('VmRSS'),
    anonymousMiB: mebibytes('RssAnon'),
    peakMiB: mebibytes('VmHWM'),
    cpuMs: cpuTicks(stat) * msPerTick,
  };
}

// USER_HZ is 100 on all that we run on: https://man7.org/linux/man-pages/man7/time.7.html
const msPerTick = 10;

/** Fields 14 and 15. The second, the program's name in parentheses, may have blanks and parentheses in it. */
function cpuTicks(stat: string): number {
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(utime) + Number(stime);
}
