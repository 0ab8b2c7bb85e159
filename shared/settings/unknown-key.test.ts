import { describe, expect, it } from '@jest/globals';
import { text } from './kind.ts';
import { syncNames } from './kubernetes-kind.ts';
import { annotationNaming, profileNaming, type Naming } from './naming.ts';
import { describeProblem } from './problem.ts';
import { readSettings } from './read-settings.ts';
import { optionalSetting, requiredSetting } from './setting.ts';

const description = 'A row of this test.';
const table = {
  process: { SYNCS: optionalSetting({ kind: syncNames, description }) },
  sync: {
    LABEL: requiredSetting({ kind: text('a label'), description }),
    REQ_PASSWORD: {
      ...optionalSetting({ kind: text(), annotation: 'no', secret: true, description }),
      instead: 'REQ_PASSWORD_FROM',
    },
    REQ_PASSWORD_FROM: optionalSetting({ kind: text(), description }),
    STATE_FOLDER: optionalSetting({ kind: text(), annotation: 'no', description }),
  },
};

function problemsOf(entries: Record<string, string>, naming: Naming = annotationNaming): string[] {
  return readSettings(table, [{ naming, entries }]).problems.map(describeProblem);
}

describe('a required setting', () => {
  it('is not missing besides where its name is misspelt', () => {
    expect(problemsOf({ 'sync-sidecar.io/LABEL': 'x' })).toEqual([
      'sync-sidecar.io/LABEL: is no setting; did you mean sync-sidecar.io/label?',
    ]);
  });

  it('is not missing besides where it is that of a sync that is not named, and how to name it is told', () => {
    expect(problemsOf({ 'a.sync-sidecar.io/label': 'x' })).toEqual([
      'a.sync-sidecar.io/label: there is no sync called "a"; accepts a sync that sync-sidecar.io/syncs names, as sync-sidecar.io/syncs="a" does',
    ]);
  });

  it('is missing of the syncs that nothing misspelt is of', () => {
    expect(problemsOf({ 'sync-sidecar.io/syncs': 'a,b', 'a.sync-sidecar.io/lable': 'x' })).toEqual([
      'a.sync-sidecar.io/lable: is no setting; did you mean a.sync-sidecar.io/label?',
      'b.sync-sidecar.io/label: is required and not set; accepts a label',
    ]);
  });
});

describe('the nearest name', () => {
  it('is that of what says the same where the nearest of all may not be set', () => {
    expect(problemsOf({ 'sync-sidecar.io/label': 'x', 'sync-sidecar.io/req-pasword': 'x' })).toEqual([
      'sync-sidecar.io/req-pasword: is no setting; did you mean sync-sidecar.io/req-password-from?',
    ]);
  });

  it('is never one that may not be set', () => {
    expect(problemsOf({ 'sync-sidecar.io/label': 'x', 'sync-sidecar.io/state-foldr': 'x' })).toEqual([
      'sync-sidecar.io/state-foldr: is no setting; accepts the settings of docs/annotations.md',
    ]);
  });

  it('of an annotation in a profile is the same without our domain', () => {
    const entries = { label: 'x', 'sync-sidecar.io/req-password-from': 'x', 'a.sync-sidecar.io/label': 'x' };

    expect(problemsOf(entries, profileNaming)).toEqual([
      'sync-sidecar.io/req-password-from: is spelled as an annotation; did you mean req-password-from?',
      'a.sync-sidecar.io/label: is spelled as an annotation; did you mean a.label?',
    ]);
  });
});
