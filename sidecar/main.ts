import { runProgram } from '../shared/program.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { runSidecar } from './sidecar.ts';

const access = { env: process.env, onSignal: (signal: string, listener: () => void) => process.once(signal, listener) };
// The time of day at the start and what has passed since: a clock that somebody sets back must not stop the waits.
const now = (): number => performance.timeOrigin + performance.now();

void runProgram(sidecarSettings, access, (settings, given) =>
  runSidecar({ ...given, settings, now, terminationLog: '/dev/termination-log' }),
).then((exitCode) => (process.exitCode = exitCode));
