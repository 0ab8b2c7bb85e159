import { runProgram } from '../shared/program.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { runSidecar } from './sidecar.ts';

const access = { env: process.env, onSignal: (signal: string, listener: () => void) => process.once(signal, listener) };

void runProgram(sidecarSettings, access, (settings, given) =>
  runSidecar({ ...given, settings, terminationLog: '/dev/termination-log' }),
).then((exitCode) => (process.exitCode = exitCode));
