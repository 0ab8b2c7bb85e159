import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { emptyConfiguration as configuration } from '../../webhook/configuration/configuration.ts';
import { decide } from '../../webhook/decision.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import type { Container, Pod } from '../../webhook/pod.ts';
import { render } from '../../webhook/render/render.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/annotations.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
const options = { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'example.com/sync-sidecar:1' };

/** The rows that an annotation may set. */
const rows = Object.entries({ ...podSettings.process, ...podSettings.sync }).filter(
  ([, { annotation }]) => annotation === 'yes' || annotation === 'pod-only',
);

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: { template: Pod };
}

const manifests = blocks.filter((text) => text.startsWith('apiVersion:'));

/** What the pods of an example have once they are injected. */
function injected(text: string): Required<Required<Pod>['spec']> {
  const rendered = render(text, options);
  if ('faults' in rendered) throw new Error(rendered.faults.join('\n'));
  const { kind, metadata } = parse(text) as Manifest;
  expect(rendered.remarks).toEqual([`${kind} ${metadata.name}: injected`]);
  return (parse(rendered.text ?? '') as Manifest).spec.template.spec as Required<Required<Pod>['spec']>;
}

function mounted({ volumeMounts = [] }: Container): Record<string, string> {
  return Object.fromEntries(volumeMounts.map(({ mountPath, name }) => [mountPath, name]));
}

describe("an example of the page for pods' authors, docs/annotations.md", () => {
  it('is what it begins with: a pod that needs no more', () => {
    const { metadata } = parse(blocks[0] ?? '') as Pod;

    const pod = { metadata, spec: { containers: [{ name: 'app' }] } } as Pod;

    expect(decide(pod, options).reason).toBe('injected');
  });

  it('gives Grafana its dashboards, and the sidecar the user for the reload', () => {
    const { containers, initContainers } = injected(manifests[0] ?? '');

    const { env = [], restartPolicy } = initContainers[0]!;
    expect(containers.map(mounted)).toEqual([{ '/etc/dashboards': 'sync-sidecar' }]);
    expect(restartPolicy).toBe('Always');
    expect(env.filter(({ valueFrom }) => valueFrom).map(({ name, valueFrom }) => [name, valueFrom])).toEqual([
      ['REQ_USERNAME', { secretKeyRef: { name: 'grafana-admin', key: 'user' } }],
      ['REQ_PASSWORD', { secretKeyRef: { name: 'grafana-admin', key: 'password' } }],
    ]);
  });

  it('has two syncs, and their Secrets in memory', () => {
    const { containers, initContainers, volumes } = injected(manifests[1] ?? '');

    const env = Object.fromEntries((initContainers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    expect(containers.map(mounted)).toEqual([
      { '/etc/dashboards': 'sync-sidecar', '/etc/grafana/provisioning/datasources': 'sync-sidecar' },
    ]);
    expect(volumes[0]).toMatchObject({ name: 'sync-sidecar', emptyDir: { medium: 'Memory' } });
    expect(env).toMatchObject({
      DASHBOARDS__LABEL: 'grafana_dashboard',
      DASHBOARDS__NAMESPACE: 'monitoring,team-a',
      DATASOURCES__RESOURCE: 'secret',
      DATASOURCES__NAMESPACE: 'monitoring,team-a',
    });
  });

  it('is a Job whose init container ends by itself', () => {
    const { initContainers } = injected(manifests[2] ?? '');

    expect(manifests).toHaveLength(3);
    expect(initContainers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['sync-sidecar', undefined],
    ]);
  });

  it('shows the status that an injected pod has', () => {
    const { metadata } = parse(blocks[0] ?? '') as Pod;

    const decision = decide({ metadata, spec: { containers: [{ name: 'app' }] } } as Pod, options);

    const operations = decision.outcome === 'inject' ? decision.operations : [];
    const status = operations.find(({ path }) => path === '/metadata/annotations/sync-sidecar.io~1status');
    expect(parse(blocks.at(-1) ?? '')).toEqual({ 'sync-sidecar.io/status': status?.value });
  });
});

describe("the tables of the page for pods' authors", () => {
  /** Default and example of each annotation. */
  const lines = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (.*?) \| .*? \| `(.*?)` \| .* \|$/gm)];
  const nameOf = (row: string): string => annotationNaming.spell({ row, sync: null }).replace(/.*\//, '');

  it('have every setting that an annotation may make, once', () => {
    expect(lines.map(([, name]) => name).sort()).toEqual(rows.map(([row]) => nameOf(row)).sort());
  });

  it('have an example for each that is accepted, and is not the default', () => {
    const kinds = new Map(rows.map(([row, { kind }]) => [nameOf(row), kind]));

    const poor = lines.filter(
      ([, name = '', usual, example = '']) =>
        kinds.get(name)?.parse(example) === undefined || usual === `\`${example}\``,
    );

    expect(poor.map(([line]) => line)).toEqual([]);
  });

  it('call no setting by its variable', () => {
    const variables = page.replaceAll(/`[^`]*`/g, '').match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g);

    // Settings of the webhook, and of other programs.
    expect(variables).toEqual(['SIDECAR_IMAGE', 'HTTPS_PROXY']);
  });
});
