import type { ProcessFacts } from '../shared/metrics/metric-family.ts';
import { processAccess } from '../shared/process-access.ts';
import { runProgram } from '../shared/program.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { version } from '../shared/version.ts';
import { runSidecar } from './sidecar.ts';

const program = {
  name: 'sidecar',
  purpose:
    'Keeps a file for each key of the ConfigMaps and Secrets that a label selects, and tells the application of changes.',
  table: sidecarSettings,
};
const access = processAccess(process);
// The time of day at the start and what has passed since: a clock that somebody sets back must not stop the waits.
const now = (): number => performance.timeOrigin + performance.now();
const processFacts = (): ProcessFacts => ({
  version,
  nodeVersion: process.versions.node,
  startedAt: performance.timeOrigin,
  residentMemoryBytes: process.memoryUsage.rss(),
});

void runProgram(program, access, (settings, given) =>
  runSidecar({ ...given, settings, now, processFacts, terminationLog: '/dev/termination-log' }),
).then((exitCode) => (process.exitCode = exitCode));
