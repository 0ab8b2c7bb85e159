import { describe, expect, it } from '@jest/globals';
import { boolean, integer, oneOf, port, text, url } from './kind.ts';
import { syncNames } from './kubernetes-kind.ts';
import { annotationNaming, environmentNaming, flagNaming, profileNaming } from './naming.ts';
import { describeProblem, describeProblems } from './problem.ts';
import type { SettingsSource } from './collect-texts.ts';
import { readSettings } from './read-settings.ts';
import { optionalSetting, requiredSetting, requiredUnless, setting } from './setting.ts';

const description = 'A row of this test.';
const table = {
  process: {
    SYNCS: optionalSetting({ kind: syncNames, description }),
    HEALTH_PORT: setting({ kind: port, default: 8080, description }),
    STATE_DIR: optionalSetting({ kind: text(), annotation: 'no', description }),
    SKIP_TLS_VERIFY: setting({ kind: boolean, default: false, annotation: 'profile-only', description }),
  },
  sync: {
    LABEL: requiredSetting({ kind: text('a label'), description }),
    METHOD: setting({ kind: oneOf('WATCH', 'LIST', 'SLEEP'), default: 'WATCH', description }),
    RETRIES: setting({ kind: integer({ max: 9 }), default: 5, description }),
    REQ_URL: optionalSetting({ kind: url, description }),
    REQ_TOKEN: optionalSetting({ kind: oneOf('known'), annotation: 'no', secret: true, description }),
    REQ_SECRET: {
      ...optionalSetting({ kind: text(), annotation: 'no', secret: true, description }),
      instead: 'REQ_SECRET_FROM',
    },
    CONTAINER: optionalSetting({ kind: text(), annotation: 'pod-only', description }),
  },
};

type Entries = SettingsSource['entries'];
const environment = (entries: Entries): SettingsSource => ({ naming: environmentNaming, entries });
const flags = (entries: Entries): SettingsSource => ({ naming: flagNaming, entries });
const annotations = (entries: Entries): SettingsSource => ({ naming: annotationNaming, entries });
const profile = (entries: Entries): SettingsSource => ({ naming: profileNaming, entries });

const read = (...sources: SettingsSource[]) => readSettings(table, sources);

/** The problems with some sources as a person reads them. */
function problemsOf(...sources: SettingsSource[]): string[] {
  const { settings, problems } = read(...sources);
  expect(settings === null).toBe(problems.length > 0);
  return problems.map(describeProblem);
}

const warningsOf = (...sources: SettingsSource[]): string[] => read(...sources).warnings.map(describeProblem);

/** The values of one row for each sync. */
function valuesOf(row: keyof (typeof table)['sync'], ...sources: SettingsSource[]): Record<string, unknown> {
  const { settings, problems } = read(...sources);
  if (!settings) throw new Error(describeProblems(problems));
  return Object.fromEntries(settings.syncs.map(({ name, settings: values }) => [name ?? '', values[row]]));
}

describe('readSettings, one sync', () => {
  it('gives the table defaults for what is not set', () => {
    const process = { SYNCS: undefined, HEALTH_PORT: 8080, STATE_DIR: undefined, SKIP_TLS_VERIFY: false };

    expect(read(environment({ LABEL: 'x' }))).toEqual({
      process,
      settings: {
        process,
        syncs: [
          {
            name: null,
            settings: {
              LABEL: 'x',
              METHOD: 'WATCH',
              RETRIES: 5,
              REQ_URL: undefined,
              REQ_TOKEN: undefined,
              CONTAINER: undefined,
              REQ_SECRET: undefined,
            },
          },
        ],
      },
      problems: [],
      warnings: [],
      overrides: expect.any(Array),
      origins: new Map([[null, new Map([['LABEL', { key: 'LABEL', text: 'x', strength: 0, longest: Infinity }]])]]),
    });
  });

  it('gives what is accepted of the process, whatever is wrong beside it', () => {
    expect(read(environment({ HEALTH_PORT: 'x', STATE_DIR: '/s', RETRIES: 'x' }))).toMatchObject({
      settings: null,
      process: { HEALTH_PORT: undefined, STATE_DIR: '/s', SKIP_TLS_VERIFY: false },
    });
  });

  it('takes blank text as unset', () => {
    expect(valuesOf('METHOD', environment({ LABEL: 'x', METHOD: ' ' }))).toEqual({ '': 'WATCH' });
    expect(problemsOf(environment({ LABEL: '\t' }))).toEqual(['LABEL: is required and not set; accepts a label']);
  });

  it('takes the service link of a service called health as unset', () => {
    const { settings } = read(environment({ LABEL: 'x', HEALTH_PORT: 'tcp://10.96.0.7:80' }));
    expect(settings?.process.HEALTH_PORT).toBe(8080);
  });

  it('tells all problems in one message', () => {
    const { problems } = read(
      environment({
        METHOD: 'WACTH',
        HEALTH_PORT: '80800',
        RETRIES: 'x'.repeat(100),
        REQ_URL: 'ftp://user:word@example.com/?token=word',
        REQ_TOKEN: 'word',
        SKIP_TLS_VERIFY: 'yes',
      }),
    );
    expect(describeProblems(problems)).toBe(
      [
        '7 problems with the settings:',
        '  HEALTH_PORT="80800": is not accepted; accepts a whole number from 0 to 65535',
        '  SKIP_TLS_VERIFY="yes": is not accepted; accepts true or false',
        '  LABEL: is required and not set; accepts a label',
        '  METHOD="WACTH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
        `  RETRIES="${'x'.repeat(80)}…": is not accepted; accepts a whole number from 0 to 9`,
        '  REQ_URL: is not accepted; accepts an http:// or https:// URL',
        '  REQ_TOKEN: is not accepted; accepts known',
      ].join('\n'),
    );
  });

  it('counts one problem in the singular', () => {
    expect(describeProblems(read(environment({})).problems)).toBe(
      '1 problem with the settings:\n  LABEL: is required and not set; accepts a label',
    );
  });
});

describe('readSettings, unknown names', () => {
  it('leaves environment variables of others alone, and warns of a near miss', () => {
    const source = environment({ LABEL: 'x', HOME: '/', PATH: '/bin', METHODS: 'LIST', FOO__BAR: '1' });
    expect(problemsOf(source)).toEqual([]);
    expect(warningsOf(source)).toEqual(['METHODS: is no setting; did you mean METHOD?']);
  });

  it('refuses an unknown annotation of our domain, and leaves those of others alone', () => {
    const source = annotations({
      'sync-sidecar.io/label': 'x',
      'sync-sidecar.io/lable': 'x',
      'sync-sidecar.io/Method': 'LIST',
      'sync-sidecar.io/REQ_URL': 'http://h/',
      'sync-sidecar.io/something': 'x',
      'example.com/lable': 'x',
      'not-sync-sidecar.io/lable': 'x',
      lable: 'x',
    });
    expect(problemsOf(source)).toEqual([
      'sync-sidecar.io/lable: is no setting; did you mean sync-sidecar.io/label?',
      'sync-sidecar.io/Method: is no setting; did you mean sync-sidecar.io/method?',
      'sync-sidecar.io/REQ_URL: is no setting; did you mean sync-sidecar.io/req-url?',
      'sync-sidecar.io/something: is no setting; accepts the settings of docs/annotations.md',
    ]);
  });

  it('looks for the nearest name of the first 20 that are unknown', () => {
    const keys = Array.from({ length: 22 }, (_, index) => `retries-${index}`);
    const entries = Object.fromEntries(keys.map((key) => [`sync-sidecar.io/${key}`, '1']));
    const others = Object.fromEntries(keys.map((key) => [`s-${key}.sync-sidecar.io/label`, '1']));

    const unknown = problemsOf(annotations({ 'sync-sidecar.io/label': 'x', ...entries }));
    const unnamed = problemsOf(annotations({ 'sync-sidecar.io/label': 'x', ...others }));

    expect([unknown[19], unknown[20]]).toEqual([
      'sync-sidecar.io/retries-19: is no setting; did you mean sync-sidecar.io/retries?',
      'sync-sidecar.io/retries-20: is no setting',
    ]);
    expect([unnamed[19], unnamed[20]]).toEqual([
      's-retries-19.sync-sidecar.io/label: there is no sync called "s-retries-19"; accepts a sync that sync-sidecar.io/syncs names, as sync-sidecar.io/syncs="s-retries-19" does',
      's-retries-20.sync-sidecar.io/label: there is no sync called "s-retries-20"',
    ]);
  });

  it('refuses names that every object has', () => {
    expect(problemsOf(profile({ label: 'x', constructor: 'x' }))).toEqual([
      'constructor: is no setting; accepts the settings of docs/annotations.md',
    ]);
    expect(problemsOf(environment({ LABEL: 'x', toString: 'x' }))).toEqual([]);
  });

  it('names the setting that says the same where one may not be set', () => {
    const entries = {
      'sync-sidecar.io/syncs': 'a',
      'sync-sidecar.io/label': 'x',
      'a.sync-sidecar.io/req-secret': 'word',
    };

    expect(problemsOf(annotations(entries))).toEqual([
      'a.sync-sidecar.io/req-secret: only a sidecar that is written by hand may set this; did you mean a.sync-sidecar.io/req-secret-from?',
    ]);
  });

  it('refuses what the kind of source may not set, without showing it', () => {
    expect(
      problemsOf(
        annotations({
          'sync-sidecar.io/label': 'x',
          'sync-sidecar.io/req-token': 'word',
          'sync-sidecar.io/skip-tls-verify': 'true',
          'sync-sidecar.io/container': 'ok',
        }),
      ),
    ).toEqual([
      'sync-sidecar.io/req-token: only a sidecar that is written by hand may set this',
      'sync-sidecar.io/skip-tls-verify: only a profile of the platform team may set this',
    ]);
    expect(problemsOf(profile({ label: 'x', 'skip-tls-verify': 'true', container: 'c', 'req-token': 'word' }))).toEqual(
      ['container: only a pod may set this', 'req-token: only a sidecar that is written by hand may set this'],
    );
  });
});

describe('readSettings, several syncs', () => {
  it('spells a sync in capitals with two underscores, "-" as "_"', () => {
    const source = environment({ SYNCS: 'a,a-b', A__LABEL: 'one', A_B__LABEL: 'two' });
    expect(valuesOf('LABEL', source)).toEqual({ a: 'one', 'a-b': 'two' });
  });

  it('takes a setting without a name as the default of all syncs', () => {
    const source = environment({ SYNCS: 'a,b', LABEL: 'x', RETRIES: '1', B__RETRIES: '2' });
    expect(valuesOf('RETRIES', source)).toEqual({ a: 1, b: 2 });
  });

  it('refuses an unknown setting of a sync with the nearest name', () => {
    const source = environment({ SYNCS: 'dashboards', LABEL: 'x', DASHBOARDS__LABLE: 'x', DASHBOARDS__FOO: 'x' });
    expect(problemsOf(source)).toEqual([
      'DASHBOARDS__LABLE: is no setting; did you mean DASHBOARDS__LABEL?',
      'DASHBOARDS__FOO: is no setting',
    ]);
  });

  it('refuses a setting of the process under the name of a sync', () => {
    expect(problemsOf(environment({ SYNCS: 'a', LABEL: 'x', A__HEALTH_PORT: '1', A__SYNCS: 'b' }))).toEqual([
      'A__HEALTH_PORT: is a setting of the whole process and takes no sync name; did you mean HEALTH_PORT?',
      'A__SYNCS: is a setting of the whole process and takes no sync name; did you mean SYNCS?',
    ]);
  });

  it('refuses an annotation of a sync that there is none of', () => {
    expect(
      problemsOf(
        annotations({
          'sync-sidecar.io/syncs': 'dashboards,alerts',
          'sync-sidecar.io/label': 'x',
          'dashbords.sync-sidecar.io/method': 'LIST',
          'alerts.sync-sidecar.io/method': 'LIST',
        }),
      ),
    ).toEqual([
      'dashbords.sync-sidecar.io/method: there is no sync called "dashbords"; accepts the syncs dashboards, alerts; did you mean dashboards.sync-sidecar.io/method?',
    ]);
    expect(problemsOf(annotations({ 'sync-sidecar.io/label': 'x', 'a.sync-sidecar.io/method': 'LIST' }))).toEqual([
      'a.sync-sidecar.io/method: there is no sync called "a"; accepts a sync that sync-sidecar.io/syncs names, as sync-sidecar.io/syncs="a" does',
    ]);
  });

  it('names what is missing of each sync', () => {
    expect(problemsOf(environment({ SYNCS: 'a,b', B__LABEL: 'x' }))).toEqual([
      'A__LABEL: is required and not set; accepts a label',
    ]);
  });

  it('reads a default of all syncs once, however many there are', () => {
    const given: string[] = [];
    const kind = { ...text(), parse: (one: string) => given.push(one) && one };
    const counted = {
      process: { SYNCS: table.process.SYNCS },
      sync: { LABEL: requiredSetting({ kind, description }) },
    };

    readSettings(counted, [environment({ SYNCS: 'a,b,c', LABEL: 'x', C__LABEL: 'y' })]);

    expect(given).toEqual(['x', 'y']);
  });

  it('tells a bad default of all syncs once', () => {
    expect(problemsOf(environment({ SYNCS: 'a,b', LABEL: 'x', RETRIES: '-1' }))).toEqual([
      'RETRIES="-1": is not accepted; accepts a whole number from 0 to 9',
    ]);
  });

  it('refuses a bad list of names once', () => {
    expect(problemsOf(environment({ SYNCS: 'a--b', LABEL: 'x' }))).toEqual([
      'SYNCS="a--b": is not accepted; accepts a comma separated list of at most 64 different names of small letters, digits and single "-", each from a letter on',
    ]);
  });
});

describe('readSettings, several sources', () => {
  it('lets every value of a stronger source win, and blank text never', () => {
    const weak = profile({ syncs: 'a,b', label: 'weak', 'a.retries': '1', 'b.retries': '1', method: 'SLEEP' });
    const strong = annotations({
      'sync-sidecar.io/retries': '2',
      'b.sync-sidecar.io/retries': '3',
      'sync-sidecar.io/method': '',
    });
    expect(valuesOf('RETRIES', strong, weak)).toEqual({ a: 2, b: 3 });
    expect(valuesOf('METHOD', strong, weak)).toEqual({ a: 'SLEEP', b: 'SLEEP' });
    expect(valuesOf('LABEL', strong, weak)).toEqual({ a: 'weak', b: 'weak' });
  });

  it('lets a weaker source set something for syncs that the stronger one does not name', () => {
    const weak = profile({ syncs: 'a,b', 'b.label': 'for b', 'a.label': 'for a' });
    const strong = annotations({ 'sync-sidecar.io/syncs': 'a' });
    expect(valuesOf('LABEL', strong, weak)).toEqual({ a: 'for a' });
    expect(
      problemsOf(annotations({ 'b.sync-sidecar.io/label': 'x' }), profile({ syncs: 'a', 'a.label': 'x' })),
    ).toEqual([
      'b.sync-sidecar.io/label: there is no sync called "b"; accepts the syncs a; did you mean a.sync-sidecar.io/label?',
    ]);
  });

  it('blames a bad value on the source that has it', () => {
    const problems = problemsOf(annotations({ 'sync-sidecar.io/label': 'x' }), profile({ retries: 'many' }));
    expect(problems).toEqual(['retries="many": is not accepted; accepts a whole number from 0 to 9']);
  });

  it('refuses a text of an annotation or of a profile that nobody would write, without looking at it', () => {
    const [longest, tooLong] = ['a'.repeat(4096), 'a'.repeat(4097)];
    const fault = 'has 4097 characters; accepts at most 4096';

    expect(valuesOf('LABEL', annotations({ 'sync-sidecar.io/label': longest }))).toEqual({ '': longest });
    expect(problemsOf(annotations({ 'sync-sidecar.io/label': tooLong }))).toEqual([`sync-sidecar.io/label: ${fault}`]);
    expect(problemsOf(annotations({}), profile({ label: tooLong }))).toEqual([`label: ${fault}`]);
    expect(valuesOf('LABEL', environment({ LABEL: tooLong }))).toEqual({ '': tooLong });
  });

  it('names a missing setting as the strongest source spells it', () => {
    expect(problemsOf(annotations({}), profile({}))).toEqual([
      'sync-sidecar.io/label: is required and not set; accepts a label',
    ]);
  });
});

describe('readSettings, a row that is required unless another one is set', () => {
  const rows = {
    process: { SYNCS: table.process.SYNCS },
    sync: {
      LABEL: requiredUnless({ kind: text('a label'), unless: 'NAME', description }),
      NAME: optionalSetting({ kind: integer(), description }),
    },
  };
  const problemsWith = (...sources: Entries[]): string[] =>
    readSettings(rows, sources.map(profile)).problems.map(describeProblem);

  it('may be left out where any source sets the other one, and else may not', () => {
    expect([problemsWith({ name: '1' }), problemsWith({}, { name: '1' })]).toEqual([[], []]);
    expect(problemsWith({ name: ' ' })).toEqual(['label: is required and not set; accepts a label']);
  });

  it('is not missed where the other one is set to what is not accepted', () => {
    expect(problemsWith({ name: 'x' })).toEqual(['name="x": is not accepted; accepts a whole number, at least 0']);
  });

  it('is required of each sync', () => {
    expect(problemsWith({ syncs: 'a,b', 'a.name': '1' })).toEqual([
      'b.label: is required and not set; accepts a label',
    ]);
  });
});

describe('readSettings, alternatives', () => {
  const alternatives = {
    process: { SYNCS: table.process.SYNCS },
    sync: {
      WORD: optionalSetting({ kind: text(), alternatives: ['WORD_FROM'], description }),
      WORD_FROM: optionalSetting({ kind: text(), alternatives: ['WORD'], description }),
    },
  };

  /** What sources, the strongest first, come to for one sync, and what the strongest one overrides. */
  function outcomeOf(...sources: Entries[]): object {
    const { settings, overrides } = readSettings(alternatives, sources.map(profile));
    const shown = overrides.map(({ row, otherwise, switchesOff }) => ({ row, otherwise, switchesOff }));
    return { ...settings?.syncs[0]?.settings, overrides: shown };
  }

  it('are switched off by what a stronger source says', () => {
    expect(outcomeOf({ word: 'a' }, { 'word-from': 'b' })).toEqual({
      WORD: 'a',
      WORD_FROM: undefined,
      overrides: [{ row: 'WORD', switchesOff: ['WORD_FROM'] }],
    });
    expect(outcomeOf({}, { 'word-from': 'b' }, { word: 'a' })).toEqual({ WORD_FROM: 'b', overrides: [] });
  });

  it('are so for the syncs alone for which it says it', () => {
    const { settings } = readSettings(alternatives, [
      profile({ syncs: 'a,b', 'a.word': 'a' }),
      profile({ 'word-from': 'b' }),
    ]);

    expect(settings?.syncs).toEqual([
      { name: 'a', settings: { WORD: 'a', WORD_FROM: undefined } },
      { name: 'b', settings: { WORD: undefined, WORD_FROM: 'b' } },
    ]);
  });

  it('both have their values where one source says both', () => {
    expect(outcomeOf({ word: 'a', 'word-from': 'b' }, { word: 'c' })).toEqual({
      WORD: 'a',
      WORD_FROM: 'b',
      overrides: [
        { row: 'WORD', otherwise: 'c' },
        { row: 'WORD_FROM', otherwise: undefined },
      ],
    });
  });

  it('that would not count anyway are neither switched off nor what would count otherwise', () => {
    expect(outcomeOf({ word: 'a' }, { word: 'b' }, { 'word-from': 'c' })).toEqual({
      WORD: 'a',
      overrides: [{ row: 'WORD', otherwise: 'b' }],
    });
    expect(outcomeOf({ word: 'a' }, { 'word-from': 'b' }, { word: 'c' })).toEqual({
      WORD: 'a',
      overrides: [{ row: 'WORD', otherwise: undefined, switchesOff: ['WORD_FROM'] }],
    });
  });
});

describe('readSettings, overrides', () => {
  const { process: processRows, sync: syncRows } = table;

  it('are what the strongest source says, for each sync, with what would count without it', () => {
    const strong = annotations({ 'sync-sidecar.io/retries': '2', 'sync-sidecar.io/syncs': 'a,b' });
    const weak = profile({ syncs: 'a', 'a.retries': '1', 'health-port': '9000', label: 'x' });

    expect(read(strong, weak).overrides).toEqual([
      {
        row: 'SYNCS',
        sync: null,
        setting: processRows.SYNCS,
        key: 'sync-sidecar.io/syncs',
        value: ['a', 'b'],
        otherwise: ['a'],
      },
      {
        row: 'RETRIES',
        sync: 'a',
        setting: syncRows.RETRIES,
        key: 'sync-sidecar.io/retries',
        value: 2,
        otherwise: 1,
      },
      {
        row: 'RETRIES',
        sync: 'b',
        setting: syncRows.RETRIES,
        key: 'sync-sidecar.io/retries',
        value: 2,
        otherwise: 5,
      },
    ]);
  });

  it('have no value where it is not accepted', () => {
    const { overrides } = read(annotations({ 'sync-sidecar.io/retries': 'x' }), profile({ retries: 'y', label: 'x' }));

    expect(overrides.map(({ key, value, otherwise }) => ({ key, value, otherwise }))).toEqual([
      { key: 'sync-sidecar.io/retries', value: undefined, otherwise: undefined },
    ]);
  });

  it('have nothing that is blank, unknown, or not for this source', () => {
    const strong = annotations({
      'sync-sidecar.io/label': ' ',
      'sync-sidecar.io/labl': 'x',
      'sync-sidecar.io/skip-tls-verify': 'true',
    });

    expect(read(strong, profile({ label: 'x' })).overrides).toEqual([]);
  });
});

describe('readSettings, flags', () => {
  it('reads every setting that is no secret, of a sync too', () => {
    const given = flags({ '--syncs': 'a,b', '--label': 'x', '--a.label': 'y', '--req-url': 'http://h/' });
    expect(valuesOf('LABEL', given)).toEqual({ a: 'y', b: 'x' });
    expect(valuesOf('REQ_URL', given)).toEqual({ a: 'http://h/', b: 'http://h/' });
  });

  it('refuses the others, with the nearest name and without their values', () => {
    const given = { '--req-token': 'known', '--lable': 'secret', '--a.label': 'secret' };
    expect(problemsOf(flags(given), environment({ LABEL: 'x' }))).toEqual([
      '--req-token: is a secret, and every process may read the command line of another',
      '--lable: is no setting; did you mean --label?',
      '--a.label: there is no sync called "a"; accepts a sync that --syncs names, as --syncs="a" does',
    ]);
  });
});
