import type { Outcome } from './tally.ts';

/** What of Jest's result for one test file is looked at (`TestResult` of @jest/test-result). */
export interface JestFileResult {
  readonly testFilePath: string;
  readonly testExecError?: unknown;
  readonly testResults: readonly { readonly fullName: string; readonly status: string }[];
}

/**
 * The outcomes of one test file. What neither passed nor failed counts as skipped: `it.skip`, `it.todo`, and all that
 * `it.only` leaves out. An error outside of any test (an import that fails, an afterAll hook that throws) is one failed
 * test more.
 */
export function outcomesOf({ testFilePath, testExecError, testResults }: JestFileResult): Outcome[] {
  const outcomes = testResults.map(({ fullName, status }): Outcome => ({ name: fullName, result: resultOf(status) }));
  const broken = testExecError !== undefined && testExecError !== null;
  return broken ? [...outcomes, { name: `${testFilePath} (outside of its tests)`, result: 'failed' }] : outcomes;
}

function resultOf(status: string): Outcome['result'] {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}
