import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfiguration } from '../../webhook/configuration/configuration.ts';
import { runCommand } from '../control-plane/leashed-process.ts';
import { findPromtool } from '../packaging/promtool.ts';
import { kustomizations, renderChart, renderKustomization } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { valueSets } from '../packaging/value-sets.ts';
import type { Manifest } from '../product/webhook-manifests.ts';
import { cluster, folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const sets = valueSets('tenant');
const names = [...Object.keys(kustomizations), ...Object.keys(sets).map((name) => `the chart with ${name}`)];
const rendered = new Map<string, Manifest[]>();

beforeAll(async () => {
  for (const path of Object.keys(kustomizations)) rendered.set(path, await renderKustomization(path, cluster));
  for (const [name, values] of Object.entries(sets)) {
    rendered.set(`the chart with ${name}`, await renderChart({ values, folder: folder.path }, helm));
  }
}, 60_000);

function objects(rendering: string, ...kinds: readonly string[]): Manifest[] {
  return (rendered.get(rendering) ?? []).filter(({ kind }) => kinds.includes(kind));
}

describe('the roles', () => {
  const readVerbs = ['get', 'list', 'watch'];
  const ownCa = {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['sync-sidecar-ca'],
    verbs: [...readVerbs, 'patch'],
  };
  const ownConfigurations = {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    resourceNames: ['sync-sidecar'],
    verbs: [...readVerbs, 'patch'],
  };
  const accessReviews = {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
  };
  const readers = { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: readVerbs };

  it.each(names)('of %s allow changes of two named things alone, and to create nothing that stays', (rendering) => {
    for (const rule of rulesOf(rendering).filter(mayWrite)) {
      expect([ownCa, ownConfigurations, accessReviews]).toContainEqual(rule);
    }
  });

  it.each(names)('of %s give the webhook no Secret but its own', (rendering) => {
    for (const rule of rulesOf(rendering).filter(maySeeSecrets)) expect([ownCa, readers]).toContainEqual(rule);
  });

  it.each(names)('of %s count in all namespaces only for what the webhook itself needs', (rendering) => {
    expect(objects(rendering, 'ClusterRoleBinding').map(({ roleRef }) => roleRef)).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'sync-sidecar-webhook' },
    ]);
  });

  function rulesOf(rendering: string): Rule[] {
    return objects(rendering, 'Role', 'ClusterRole').flatMap(({ rules }) => rules as Rule[]);
  }

  function mayWrite({ verbs }: Rule): boolean {
    return verbs.some((verb) => !readVerbs.includes(verb));
  }

  function maySeeSecrets({ resources }: Rule): boolean {
    return resources.some((resource) => resource === '*' || resource.startsWith('secrets'));
  }
});

describe('the configuration', () => {
  it.each(names)('of %s is accepted by the webhook', (rendering) => {
    const configMap = objects(rendering, 'ConfigMap').find(({ metadata }) => metadata.name.endsWith('configuration'));
    const { 'configuration.yaml': text } = configMap?.data as { 'configuration.yaml': string };

    expect(parseConfiguration(text, 'configuration.yaml').problems).toEqual([]);
  });
});

describe('the alert rules', () => {
  const { signal } = new AbortController();
  let promtool: string;

  beforeAll(async () => {
    promtool = await findPromtool({ env: process.env, onProgress: () => undefined, signal });
  });

  it.each(['overlays/monitoring', 'the chart with what watches over it'])(
    'of %s are good for promtool',
    async (name) => {
      const file = join(folder.path, 'rules.yaml');
      await writeFile(file, stringify(objects(name, 'PrometheusRule')[0]?.spec));

      const check = await runCommand({ command: promtool, args: ['check', 'rules', file], env: {}, signal });

      expect(check).toMatchObject({ code: 0, stderr: '' });
      expect(check.stdout).toMatch(/SUCCESS: [1-9]\d* rules found/);
    },
  );
});
