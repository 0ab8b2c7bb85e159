import { describe, expect, it } from '@jest/globals';
import { outcomesOf } from './jest-outcomes.ts';

describe('outcomesOf', () => {
  it('counts whatever neither passed nor failed as skipped', () => {
    const testResults = ['passed', 'failed', 'pending', 'todo', 'disabled'].map((status) => ({
      fullName: status,
      status,
    }));
    expect(outcomesOf({ testFilePath: 'a.test.ts', testResults })).toEqual([
      { name: 'passed', result: 'passed' },
      { name: 'failed', result: 'failed' },
      { name: 'pending', result: 'skipped' },
      { name: 'todo', result: 'skipped' },
      { name: 'disabled', result: 'skipped' },
    ]);
  });

  it('counts a file that could not run as failed', () => {
    const testExecError = { message: 'Cannot find module' };
    expect(outcomesOf({ testFilePath: 'a.test.ts', testExecError, testResults: [] })).toEqual([
      { name: 'a.test.ts (outside of its tests)', result: 'failed' },
    ]);
  });

  it('counts an error in a hook beside the tests that passed', () => {
    const testResults = [{ fullName: 'works', status: 'passed' }];
    expect(outcomesOf({ testFilePath: 'a.test.ts', testExecError: new Error('afterAll'), testResults })).toEqual([
      { name: 'works', result: 'passed' },
      { name: 'a.test.ts (outside of its tests)', result: 'failed' },
    ]);
  });
});
