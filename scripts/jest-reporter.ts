import { relative } from 'node:path';
import { type JestFileResult, outcomesOf } from './jest-outcomes.ts';

/**
 * Tells the process that started Jest how each test ended, file by file, so that an interrupted run is counted as well.
 */
class OutcomeReporter {
  onTestFileResult(_test: unknown, result: JestFileResult): void {
    process.send?.(outcomesOf({ ...result, testFilePath: relative(process.cwd(), result.testFilePath) }));
  }
}

// Jest takes nothing but a default export.
export { OutcomeReporter as default };
