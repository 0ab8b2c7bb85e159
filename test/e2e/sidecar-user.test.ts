import { expect, it } from '@jest/globals';
import { asking, reader } from '../product/test-objects.ts';
import type { PodRef } from '../product/running-pod.ts';
import { application, dashboard, exec, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

// The first of the range that OpenShift gives to a namespace, as user and as fsGroup of its pods.
const fromRange = 1000650000;

it.each([
  { of: 'without a user', securityContext: {}, user: 65534, group: 65534, fileGroup: 65534 },
  { of: 'of root', securityContext: { runAsUser: 0 }, user: 65534, group: 65534, fileGroup: 65534 },
  // A user without a group gets that of root from the container runtime, as images say nothing of it.
  { of: 'of user 1000', securityContext: { runAsUser: 1000 }, user: 1000, group: 0, fileGroup: 0 },
  {
    of: 'of a user and an fsGroup that no image knows',
    securityContext: { runAsUser: fromRange, fsGroup: fromRange },
    ...{ user: fromRange, group: 0, fileGroup: fromRange },
  },
])(
  'in a pod $of the sidecar syncs as user $user, without privileges',
  async (given) => {
    const namespace = await node.createNamespace('user');
    const ref = { namespace, name: 'asking' };
    await node.apply([...reader(), dashboard('hello')], namespace);
    // As the pod's user, whoever that is.
    const containers = [{ ...application({ script: 'exec sleep 1000' }), securityContext: {} }];
    const spec = { securityContext: given.securityContext };
    await node.apply([pod(ref, { annotations: asking, containers, spec })]);

    await untilReady(ref);

    const uid = given.securityContext.runAsUser ?? 0;
    expect(await exec(ref, 'id -u && cd /etc/dashboards && stat -c "%a %u %g" hello.json && cat hello.json')).toBe(
      `${uid}\n644 ${given.user} ${given.fileGroup}\nhello`,
    );
    const { user, group } = given;
    expect(await processStatus(ref)).toMatchObject({
      Uid: `${user}\t${user}\t${user}\t${user}`,
      Gid: `${group}\t${group}\t${group}\t${group}`,
      CapBnd: '0000000000000000',
      NoNewPrivs: '1',
      // SECCOMP_MODE_FILTER
      Seccomp: '2',
    });
    const write = await exec(ref, '(: > /file) 2>&1 || true', 'sync-sidecar');
    expect(write).toBe("sh: can't create /file: Read-only file system\n");
  },
  90_000,
);

/** What the kernel says of the sidecar's first process: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function processStatus(ref: PodRef): Promise<Record<string, string>> {
  const script = 'while read -r line; do echo "$line"; done < /proc/1/status';
  const lines = (await exec(ref, script, 'sync-sidecar')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\t(.*)/, 2) as [string, string]));
}
