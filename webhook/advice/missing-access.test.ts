import { describe, expect, it } from '@jest/globals';
import type { AccessNeed, Verb } from './access-needs.ts';
import { accessAdvice } from './missing-access.ts';

const account = { namespace: 'shop', name: 'grafana' };

function need(resource: AccessNeed['resource'], more: Partial<AccessNeed> = {}): AccessNeed {
  return { resource, namespace: 'shop', enough: [['list', 'watch']], verbs: ['get', 'list', 'watch'], ...more };
}

/** The advice when of `needs` the ones at the given places are missing. */
function advice(needs: AccessNeed[], missing: Record<number, Verb[]>) {
  return accessAdvice({
    title: 'Deployment/grafana',
    account,
    needs,
    missing: Object.entries(missing).map(([index, refused]) => ({ need: needs[Number(index)]!, refused })),
  });
}

const grants = 'as the sidecar has to; the two objects that follow grant it';

describe('what a ServiceAccount may not read', () => {
  it('is told with the Role and the RoleBinding to apply, a line each', () => {
    expect(advice([need('configmaps')], { 0: ['watch'] })).toEqual([
      {
        line: `the ServiceAccount "grafana" may not watch configmaps in namespace "shop", ${grants}`,
        objects: [
          '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"sync-sidecar:deployment:grafana","namespace":"shop"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list","watch"]}]}',
          '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"sync-sidecar:deployment:grafana","namespace":"shop"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"sync-sidecar:deployment:grafana"},"subjects":[{"kind":"ServiceAccount","name":"grafana","namespace":"shop"}]}',
        ],
      },
    ]);
  });

  it('in another namespace takes a Role there, of a name that is of this workload alone', () => {
    const [told] = advice([need('configmaps', { namespace: 'other' })], { 0: ['list', 'watch'] });

    expect(told?.line).toBe(
      `the ServiceAccount "grafana" may not list and watch configmaps in namespace "other", ${grants}`,
    );
    expect(objectsOf(told?.objects)).toMatchObject([
      { kind: 'Role', metadata: { name: 'sync-sidecar:shop:deployment:grafana', namespace: 'other' } },
      { kind: 'RoleBinding', metadata: { namespace: 'other' }, subjects: [{ name: 'grafana', namespace: 'shop' }] },
    ]);
  });

  it('in all namespaces takes a ClusterRole', () => {
    const { namespace: _all, ...everywhere } = need('secrets');
    const [told] = advice([everywhere], { 0: ['list'] });

    expect(told?.line).toBe(`the ServiceAccount "grafana" may not list secrets in all namespaces, ${grants}`);
    expect(objectsOf(told?.objects)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'sync-sidecar:shop:deployment:grafana' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'sync-sidecar:shop:deployment:grafana' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'sync-sidecar:shop:deployment:grafana',
        },
        subjects: [{ kind: 'ServiceAccount', name: 'grafana', namespace: 'shop' }],
      },
    ]);
  });

  it('is told once for each namespace, in which the Role has all that is needed, each verb for what needs it', () => {
    const once: Pick<AccessNeed, 'enough' | 'verbs'> = { enough: [['get'], ['list']], verbs: ['get'] };
    const needs = [
      need('secrets'),
      need('configmaps'),
      need('configmaps', { namespace: 'other' }),
      need('secrets', { name: 'a', ...once }),
      need('secrets', { name: 'b', ...once }),
      need('configmaps', { name: '1', ...once }),
      need('secrets', { name: 'unmet', namespace: 'elsewhere', ...once }),
    ];

    const told = advice(needs, { 1: ['list', 'watch'], 2: ['watch'], 4: ['get'], 5: ['get'] });

    expect(told.map(({ line }) => line)).toEqual([
      `the ServiceAccount "grafana" may not list and watch configmaps, get secrets "b" and configmaps "1" in namespace "shop", ${grants}`,
      `the ServiceAccount "grafana" may not watch configmaps in namespace "other", ${grants}`,
    ]);
    expect(objectsOf(told[0]?.objects)[0]).toMatchObject({
      rules: [
        { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'], verbs: ['get'] },
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['1'], verbs: ['get'] },
      ],
    });
  });

  it('is told once where it is the same of both resources', () => {
    const [told] = advice([need('secrets'), need('configmaps')], { 0: ['list', 'watch'], 1: ['list', 'watch'] });

    expect(told?.line).toContain('may not list and watch secrets and configmaps in namespace "shop"');
  });

  it('of the ServiceAccount that all pods have is told with the advice to take another one', () => {
    const needs = [need('configmaps')];
    const missing = [{ need: needs[0]!, refused: ['list'] as const }];
    const common = { namespace: 'shop', name: 'default' };

    expect(accessAdvice({ title: 'Deployment/grafana', account: common, needs, missing })[0]?.line).toMatch(
      /grant it, to each pod of the namespace that names no ServiceAccount; give this workload one of its own, by serviceAccountName$/,
    );
  });

  it('is nothing where nothing is missing', () => {
    expect(advice([need('configmaps')], {})).toEqual([]);
  });
});

function objectsOf(lines: readonly string[] = []): unknown[] {
  return lines.map((line) => JSON.parse(line) as unknown);
}
