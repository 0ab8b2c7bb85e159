import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { valueSchemas } from '../../scripts/chart/value-schemas.ts';
import { readValues, type ChartValue } from '../../scripts/chart/values-file.ts';
import { webhookSettings } from '../../webhook/settings.ts';

const root = join(import.meta.dirname, '../..');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

interface Values {
  port: number;
  metricsPort: number;
  tls: { mode: string };
  warnings: { rbacPreflight: boolean };
}

const text = read('manifests/chart/values.yaml');
const defaults = parse(text) as Values;
const ajv = new Ajv({ allErrors: true });
const isValid = ajv.compile(JSON.parse(read('manifests/chart/values.schema.json')) as object);

/** What the schema says of values: where it finds a fault. */
function faultsOf(values: object): string[] {
  return isValid(withDefaults(values, defaults)) === true ? [] : (isValid.errors ?? []).map(({ dataPath }) => dataPath);
}

/** As Helm does it: null takes a default away, mappings are merged, all else is replaced. */
function withDefaults(given: object, below: object): object {
  const entries = Object.entries({ ...below, ...given }).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]: [string, unknown]) => {
      const [upper, lower] = [(given as Fields)[key], (below as Fields)[key]];
      return [key, isMapping(upper) && isMapping(lower) ? withDefaults(upper, lower) : value];
    }),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function namesOf({ name, values }: ChartValue): string[] {
  return [name, ...(values ?? []).flatMap(namesOf)];
}

describe('the values of the chart', () => {
  it('have defaults that their schema accepts', () => {
    expect(faultsOf(defaults)).toEqual([]);
  });

  it("have the webhook's own defaults", () => {
    const { PORT, METRICS_PORT, TLS_MODE, RBAC_PREFLIGHT } = webhookSettings.process;

    expect([defaults.port, defaults.metricsPort]).toEqual([PORT.default, METRICS_PORT.default]);
    expect(defaults.tls.mode).toBe(TLS_MODE.default);
    expect(defaults.warnings.rbacPreflight).toBe(RBAC_PREFLIGHT.default);
  });

  it('are all those of which more is known than their default says', () => {
    const names = readValues(text).flatMap(({ values }) => values.flatMap(namesOf));

    expect(names).toEqual(expect.arrayContaining(Object.keys(valueSchemas)));
  });

  it.each<[string, object]>([
    ['a word in any case', { log: { level: 'debug', format: 'Logfmt' } }],
    ['profiles and policy', { configuration: { profiles: { a: { label: 'b' } }, policy: { locked: ['label'] } } }],
    ['readers without kinds', { readers: [{ namespace: 'grafana' }] }],
    ['readers with kinds', { readers: [{ namespace: 'grafana', kinds: ['ConfigMap', 'Secret'] }] }],
    ['a digest', { image: { digest: `sha256:${'0'.repeat(64)}` } }],
    ['a registry with a port and a path', { registry: 'registry.example.com:5000/team' }],
    ['a registry of one image', { image: { repository: 'registry.example.com:5000/team/webhook' } }],
    ['a CA in PEM', { tls: { caBundle: '-----BEGIN CERTIFICATE-----\nabc=\n-----END CERTIFICATE-----\n' } }],
    ['a CA in base64', { tls: { caBundle: Buffer.from('-----BEGIN CERTIFICATE-----\nabc').toString('base64') } }],
    ['what a parent chart adds', { global: { team: 'a' }, enabled: true }],
    ['no metrics', { metricsPort: 0 }],
    ['nothing of Kubernetes', { resources: null, topologySpreadConstraints: null, securityContext: null }],
  ])('may be %s', (_what, values) => {
    expect(faultsOf(values)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a misspelt name', { replica: 3 }, ''],
    ['a misspelt name in another', { image: { tags: '1' } }, '.image'],
    ['a misspelt setting of pods', { configuration: { defaults: { lable: 'x' } } }, '.configuration.defaults'],
    ['a word that there is not', { tls: { mode: 'selfsigned' } }, '.tls.mode'],
    ['a level that there is not', { log: { level: 'LOUD' } }, '.log.level'],
    ['a kind that nobody may be given', { readers: [{ namespace: 'a', kinds: ['Pod'] }] }, '.readers[0].kinds[0]'],
    ['readers of no namespace', { readers: [{ kinds: ['ConfigMap'] }] }, '.readers[0]'],
    ['a registry with a protocol', { registry: 'https://registry.example.com' }, '.registry'],
    ['a repository with a tag', { image: { repository: 'webhook:1' } }, '.image.repository'],
    ['a tag that is a number', { image: { tag: 1.1 } }, '.image.tag'],
    ['a digest in capitals', { image: { digest: 'SHA256:AB' } }, '.image.digest'],
    ['a CA that is none', { tls: { caBundle: 'ca.crt' } }, '.tls.caBundle'],
    ['no replica', { replicas: 0 }, '.replicas'],
    ['a timeout that the API server refuses', { timeoutSeconds: 31 }, '.timeoutSeconds'],
    ['a port that there is not', { port: 65536 }, '.port'],
    ['a variable that is no text', { extraEnv: [{ name: 'A', value: 1 }] }, '.extraEnv[0].value'],
    ['a label that is no text', { podLabels: { a: true } }, ".podLabels['a']"],
    ['a part with nothing in it', { tls: null }, ''],
    ['nothing in place of a word', { tls: { mode: null } }, '.tls'],
    [
      'no port of the API server, which would open all',
      { networkPolicy: { apiServerPorts: [] } },
      '.networkPolicy.apiServerPorts',
    ],
  ])('may not be %s', (_what, values, where) => {
    expect(faultsOf(values)).toContain(where);
  });
});

describe('the version of the chart', () => {
  it('is that of the product', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };

    expect(parse(read('manifests/chart/Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });
});
