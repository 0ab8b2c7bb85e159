// `npm test`: the checks, then the tests against the real control plane.
import { runTests } from './run-tests.ts';
import { checks, controlPlaneTests } from './steps.ts';

process.exitCode = await runTests([checks, ...controlPlaneTests.map((step) => [step])]);
