import { expect, it } from '@jest/globals';
import type { Pod } from '../../webhook/pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { application, dashboard, exec, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const off = { automountServiceAccountToken: false };

it.each([
  { by: 'the pod', account: {}, spec: off },
  { by: 'its ServiceAccount', account: off, spec: {} },
])(
  'where $by turns the token off the sidecar syncs with one of its own, and the application has none',
  async (given) => {
    const namespace = await node.createNamespace('own-token');
    const ref = { namespace, name: 'asking' };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' }, ...given.account };
    await node.apply([...reader(), account, dashboard('hello')], namespace);
    const containers = [application({ script: 'exec sleep 1000' })];
    await node.apply([pod(ref, { annotations: asking, containers, spec: given.spec })]);

    await untilReady(ref);

    expect(await exec(ref, 'cat /etc/dashboards/hello.json')).toBe('hello');
    expect(await exec(ref, '[ -e /var/run/secrets ] || echo none')).toBe('none\n');
    const { spec } = await node.get<Pod>('pod', ref.name, '--namespace', namespace);
    expect(spec?.volumes?.map(({ name }) => name)).toEqual(['sync-sidecar', 'sync-sidecar-token']);
    expect(spec?.containers?.map(({ volumeMounts }) => volumeMounts)).toEqual([
      [{ name: 'sync-sidecar', mountPath: '/etc/dashboards', subPath: 'files/0', readOnly: true }],
    ]);
  },
  90_000,
);
