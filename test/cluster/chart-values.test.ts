import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartDirectory, writeValues } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { valueSets } from '../packaging/value-sets.ts';
import { folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

const sets = valueSets('tenant');

describe('the values that the tests install the chart with', () => {
  it('name each of its values', async () => {
    const defaults: unknown = parse(await readFile(join(chartDirectory, 'values.yaml'), 'utf8'));
    const named = Object.values(sets).flatMap((values) => [...leaves(values)]);

    expect([...leaves(defaults)].filter((path) => !named.some((one) => isWithin(one, path)))).toEqual([]);
  });

  it.each(Object.entries(sets))('leave nothing to say for helm lint: %s', async (_name, values) => {
    const file = await writeValues({ values, folder: folder.path });

    const { code, stdout } = await helm.helm(['lint', chartDirectory, '--strict', '--values', file]);

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `==> Linting ${chartDirectory}\n[INFO] Chart.yaml: icon is recommended\n\n1 chart(s) linted, 0 chart(s) failed\n`,
    });
  });

  /** Paths of what is no mapping, or an empty one: tls.mode */
  function* leaves(value: unknown, path = ''): Generator<string> {
    const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
    for (const [name, field] of fields) yield* leaves(field, path === '' ? name : `${path}.${name}`);
    if (fields.length === 0) yield path;
  }

  function isWithin(path: string, other: string): boolean {
    return path === other || path.startsWith(`${other}.`);
  }
});

describe('the schema of the values refuses', () => {
  it.each<[object, string]>([
    [{ replica: 3 }, "at '': additional properties 'replica' not allowed"],
    [{ replicas: '3' }, "at '/replicas': got string, want integer"],
    [{ hostnetwork: true }, "at '': additional properties 'hostnetwork' not allowed"],
    [{ image: { tag: 1.2 } }, "at '/image/tag': got number, want string"],
    [
      { registry: 'https://registry.example.com' },
      "at '/registry': 'https://registry.example.com' does not match pattern '^([a-zA-Z0-9.-]+(:[0-9]+)?(/[a-zA-Z0-9._-]+)*/?)?$'",
    ],
    [{ tls: { mode: 'selfsigned' } }, "at '/tls/mode': value must be one of 'self', 'cert-manager', 'files'"],
    [{ tls: null }, "at '': missing property 'tls'"],
    [{ tls: { caBundel: '' } }, "at '/tls': additional properties 'caBundel' not allowed"],
    [{ port: 70_000 }, "at '/port': maximum: got 70,000, want 65,535"],
    [{ timeoutSeconds: 60 }, "at '/timeoutSeconds': maximum: got 60, want 30"],
    [{ readers: [{ kinds: ['Secret'] }] }, "at '/readers/0': missing property 'namespace'"],
    [
      { readers: [{ namespace: 'grafana', kinds: ['Secrets'] }] },
      "at '/readers/0/kinds/0': value must be one of 'ConfigMap', 'Secret'",
    ],
    [
      { configuration: { defaults: { lable: 'x' } } },
      "at '/configuration/defaults': additional properties 'lable' not allowed",
    ],
    [
      { configuration: { profiles: { grafana: { 'req-mehtod': 'POST' } } } },
      "at '/configuration/profiles/grafana': additional properties 'req-mehtod' not allowed",
    ],
    [
      { configuration: { policy: { imagePrefix: [] } } },
      "at '/configuration/policy': additional properties 'imagePrefix' not allowed",
    ],
  ])('%j', async (values, problem) => {
    const file = await writeValues({ values, folder: folder.path });

    const { code, stderr } = await helm.helm(['template', 'sync-sidecar', chartDirectory, '--values', file]);

    // The last line has the innermost problem.
    expect({ code, problem: stderr.trim().split('\n').at(-1)?.trim() }).toEqual({ code: 1, problem: `- ${problem}` });
  });
});
