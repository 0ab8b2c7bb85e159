import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { Kind } from './kind.ts';
import { environmentNaming } from './naming.ts';
import { printEnvironment, printRedacted } from './print-settings.ts';
import { readSettings, type Settings } from './read-settings.ts';
import type { Rows } from './setting.ts';
import { sidecarSettings, type SidecarTable } from './sidecar-settings.ts';

const { process: processRows, sync: syncRows } = sidecarSettings;
const allRows: Rows = { ...processRows, ...syncRows };

function read(entries: Record<string, string>): Settings<SidecarTable> {
  const { settings, problems } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  expect(problems).toEqual([]);
  if (!settings) throw new Error('unreachable');
  return settings;
}

it('a sync of named objects needs no label', () => {
  expect(read({ FOLDER: '/a', RESOURCE_NAME: 'a' }).syncs[0]?.settings.LABEL).toBeUndefined();
});

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const words = (kind: Kind<never>): fc.Arbitrary<string> => fc.constantFrom(...(kind.words ?? []));
const spelledAnyhow = fc.tuple(fc.constantFrom('', ' ', '\n'), fc.boolean());

/** Texts of each kind that it accepts, by its name; a new kind without a line here fails the test. */
const texts: Record<string, (kind: Kind<never>) => fc.Arbitrary<string>> = {
  text: () => fc.string().filter((given) => given.trim() !== ''),
  boolean: words,
  oneOf: (kind) =>
    fc
      .tuple(words(kind), spelledAnyhow)
      .map(([word, [space, small]]) => space + (small ? word.toLowerCase() : word) + space),
  integer: () => fc.integer({ min: 1, max: 1000 }).map(String),
  factor: () => fc.double({ min: 0, max: 1e9, noNaN: true }).map(String),
  port: () => fc.integer({ min: 0, max: 65535 }).map(String),
  duration: () =>
    fc
      .tuple(fc.double({ min: 0.001, max: 500, noNaN: true }), fc.constantFrom('', 's', ' m', 'H', 'ms'))
      .filter(([amount, unit]) => unit !== 'ms' || amount >= 1)
      .map(([amount, unit]) => `${amount.toFixed(3)}${unit}`),
  folders: () => fc.array(label, { minLength: 1 }).map((parts) => parts.map((part) => `/${part}`).join(' ,')),
  byteSize: () =>
    fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom('', 'Ki', 'M', ' Gi')).map((parts) => parts.join('')),
  textEncoding: words,
  resourceNames: () =>
    fc
      .array(fc.tuple(label, fc.constantFrom('configmap', 'Secret'), label, fc.integer({ min: 0, max: 2 })), {
        minLength: 1,
      })
      .map((items) =>
        items.map(([namespace, kind, name, from]) => [namespace, kind, name].slice(from).join('/')).join(', '),
      ),
  fileMode: () => fc.stringMatching(/^0?[0-7]{3}$/),
  folder: () => fc.array(label, { minLength: 1 }).map((parts) => `/${parts.join('//')}/`),
  filePath: () => fc.stringMatching(/^[a-zA-Z0-9/._-]+$/),
  url: () => fc.webUrl({ withQueryParameters: true, withFragments: true }),
  labelSelector: () =>
    fc.tuple(label, label).map(([key, value]) => `${key}=${value}, !${value} ,${key} in (a,${value})`),
  labelSelectorValue: () => label,
  annotationKey: () => fc.tuple(label, label).map((parts) => parts.join('/')),
  payloadTemplate: () =>
    fc
      // In a text, two braces could begin what looks like a placeholder: those are refused.
      .tuple(
        fc.json().filter((json) => !json.includes('{{')),
        spelledAnyhow,
      )
      .map(([json, [space]]) => `${space}{"a":{{written}},"b":${JSON.stringify(json)}}`),
  hostPatterns: () =>
    fc
      .array(fc.tuple(fc.constantFrom('', ' *.'), fc.domain()), { minLength: 1 })
      .map((hosts) => hosts.map((parts) => parts.join('')).join(' ,')),
  namespaces: () => fc.oneof(fc.constant('ALL'), fc.array(label, { minLength: 1 }).map(String)),
};

/** An environment with a random value, or none, for each row; required rows have one. */
function entriesOf(rows: Rows, prefix: string): fc.Arbitrary<Record<string, string>> {
  const required = Object.keys(rows).filter((row) => rows[row]?.required);
  const entries = Object.entries(rows).flatMap(([row, { kind }]) => {
    const arbitrary = texts[kind.name]?.(kind as Kind<never>);
    return kind.name === 'syncNames' ? [] : [[prefix + row, arbitrary] as const];
  });
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<string>>, {
    requiredKeys: required.map((row) => prefix + row),
  });
}

const oneSync = entriesOf(allRows, '');
const twoSyncs = fc
  .tuple(entriesOf(processRows, ''), entriesOf(syncRows, 'A__'), entriesOf(syncRows, 'B_C__'))
  .map(([process, a, b]) => ({ SYNCS: ' a,b-c ', ...process, ...a, ...b }));
const defaultForAll = fc.tuple(twoSyncs, oneSync).map(([named, common]) => ({ ...common, ...named }));

describe('the settings of the sidecar', () => {
  it('are the same again when read from what was printed', () => {
    fc.assert(
      fc.property(fc.oneof(oneSync, twoSyncs, defaultForAll), (entries) => {
        const settings = read(entries);
        const printed = printEnvironment(sidecarSettings, settings);
        expect(read(printed)).toEqual(settings);
        expect(printEnvironment(sidecarSettings, read(printed))).toEqual(printed);
      }),
    );
  });

  it('are printed without the defaults of the table', () => {
    const entries = {
      LABEL: 'x',
      FOLDER: '/f/',
      METHOD: 'watch',
      HEALTH_PORT: '8080',
      NOTIFY_QUIET: '0.5',
      SLEEP_TIME: '5',
    };
    expect(printEnvironment(sidecarSettings, read(entries))).toEqual({ LABEL: 'x', FOLDER: '/f', SLEEP_TIME: '5s' });
  });

  it('are printed for each sync by its name', () => {
    const entries = { SYNCS: 'a,b-c', LABEL: 'x', A__FOLDER: '/a', B_C__FOLDER: '/b', B_C__LABEL: 'y' };
    expect(printEnvironment(sidecarSettings, read(entries))).toEqual({
      SYNCS: 'a,b-c',
      A__LABEL: 'x',
      A__FOLDER: '/a',
      B_C__LABEL: 'y',
      B_C__FOLDER: '/b',
    });
  });

  it('are printed for a log without anything secret', () => {
    const entries = {
      LABEL: 'x',
      FOLDER: '/f',
      REQ_URL: 'http://user:word@a.example/reload?token=word#word',
      REQ_USERNAME: 'user',
      REQ_PASSWORD: 'word',
    };
    expect(printRedacted(sidecarSettings, read(entries))).toEqual({
      LABEL: 'x',
      FOLDER: '/f',
      REQ_URL: 'http://***@a.example/***',
      REQ_USERNAME: 'user',
      REQ_PASSWORD: '***',
    });
  });

  it('take what kiwigrid/k8s-sidecar took', () => {
    const entries = {
      LABEL: 'x',
      FOLDER: '/f',
      LOG_LEVEL: 'fatal',
      ERROR_THROTTLE_SLEEP: '0',
      WATCH_SERVER_TIMEOUT: '0',
      DEFAULT_FILE_MODE: '0o640',
      REQ_RETRY_TOTAL: '100000',
    };
    expect(printEnvironment(sidecarSettings, read(entries))).toEqual({
      LABEL: 'x',
      FOLDER: '/f',
      LOG_LEVEL: 'FATAL',
      DEFAULT_FILE_MODE: '640',
      REQ_RETRY_TOTAL: '100000',
    });
  });

  it('have names that are unique, in capitals, and none with two underscores', () => {
    const names = [...Object.keys(processRows), ...Object.keys(syncRows)];
    expect(names).toEqual([...new Set(names)]);
    expect(names.filter((name) => !/^[A-Z0-9]+(_[A-Z0-9]+)*$/.test(name))).toEqual([]);
  });

  it.each(Object.entries(allRows))('%s is described, and its default is a value that it accepts', (_name, row) => {
    const { description, kind, required, defaultText } = row;
    expect(description).toMatch(/^\S.*\.$/);
    if (row.default === undefined) expect(required || defaultText !== undefined).toBe(true);
    else expect(kind.parse(kind.print(row.default ?? ''))).toEqual(row.default);
  });

  it.each(['read-settings.ts', 'print-settings.ts', 'naming.ts'])('are not named by the code of %s', (file) => {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll(/\/\*\*[^]*?\*\//g, '');
    const named = Object.keys(allRows).filter((name) => new RegExp(`\\b${name}\\b`).test(source));
    expect(named).toEqual([]);
  });
});
