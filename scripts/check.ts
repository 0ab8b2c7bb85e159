// `npm run check`: all that can be known without a control plane.
import { runTests } from './run-tests.ts';
import { checks } from './steps.ts';

process.exitCode = await runTests([checks]);
