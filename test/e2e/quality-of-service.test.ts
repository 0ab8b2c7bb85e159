import { expect, it } from '@jest/globals';
import { join, relative } from 'node:path';
import { memoryHierarchy } from '../node/cgroups.ts';
import { findContainerCgroup } from '../node/container-on-machine.ts';
import { containerStatus } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { application, dashboard, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const amount = { cpu: '100m', memory: '64Mi' };
const all = { cpu: '300m', memory: '300Mi' };

it.each([
  {
    of: 'Guaranteed by its containers',
    container: { resources: { requests: amount, limits: amount } },
    becomes: 'Guaranteed',
    below: 'kubepods',
  },
  {
    of: 'Guaranteed by its own resources',
    spec: { resources: { requests: all, limits: all } },
    becomes: 'Guaranteed',
    below: 'kubepods',
  },
  {
    of: 'Burstable',
    container: { resources: { requests: amount } },
    becomes: 'Burstable',
    below: 'kubepods/burstable',
  },
  // The sidecar requests what it needs: a pod with it is not the first to go any more where memory is short.
  { of: 'BestEffort', becomes: 'Burstable', below: 'kubepods/burstable' },
])(
  'a pod that is $of is $becomes with its sidecar, and runs in such a cgroup',
  async ({ container, spec, becomes, below }) => {
    const namespace = await node.createNamespace('quality');
    const ref = { namespace, name: 'asking' };
    const containers = [{ ...application({ script: 'exec sleep 1000' }), ...container }];
    await node.apply([...reader(), dashboard('hello')], namespace);
    await node.apply([pod(ref, { annotations: asking, containers, ...(spec && { spec }) })]);

    const running = await untilReady(ref);

    const cgroups = ['sync-sidecar', 'app'].map(async (name) => {
      const { containerID = '' } = containerStatus(running, name);
      const folder = await findContainerCgroup({ cgroup: node.cgroup, containerID });
      return relative(join(memoryHierarchy(), node.cgroup), folder).replace(/\/[^/]*$/, '');
    });
    const { uid } = running.metadata;
    expect([running.status.qosClass, ...(await Promise.all(cgroups))]).toEqual([
      becomes,
      `${below}/pod${uid}`,
      `${below}/pod${uid}`,
    ]);
  },
  90_000,
);
