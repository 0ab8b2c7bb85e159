import { expect, it } from '@jest/globals';
import { ourAnnotations } from '../pod-settings-of.ts';
import { configMap, reader, secret } from '../product/test-objects.ts';
import { application, exec, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const enforcing = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const asking = { inject: 'true', label: 'dashboard', folder: '/etc/dashboards' };

function dashboard(content: string): object {
  return configMap({ name: 'hello', labels: { dashboard: '1' }, data: { 'hello.json': content } });
}

it('a volume of the pod holds the files in a folder of ours, and the containers that are chosen see them', async () => {
  const namespace = await node.createNamespace('volume');
  await node.apply([...reader(), dashboard('hello')], namespace);
  const script = 'exec sleep 1000';
  const data = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const ref = { namespace, name: 'with-volume' };
  const annotations = ourAnnotations({
    ...asking,
    volume: 'data',
    'mount-containers': 'app',
    position: 'prepare',
    'run-as-user': '1234',
    'run-as-group': '5678',
  });
  const spec = {
    securityContext: { fsGroup: 3000 },
    volumes: [{ name: 'data', emptyDir: {} }],
    // As a claim's volume is for pods that aren't root: their group may write, others may not.
    initContainers: [
      { ...application({ script: 'chmod o-rwx /data' }), ...data, name: 'prepare', securityContext: {} },
    ],
  };
  const containers = [
    { ...application({ script }), ...data },
    { ...application({ script }), ...data, name: 'other' },
  ];

  await node.apply([pod(ref, { annotations, containers, spec })]);
  await untilReady(ref);

  expect(await exec(ref, 'cat /etc/dashboards/hello.json')).toBe('hello');
  expect(await exec(ref, 'cd /data && find . -name hello.json')).toBe(
    './sync-sidecar/files/etc/dashboards/hello.json\n',
  );
  expect(await exec(ref, 'stat -c %u:%g /etc/dashboards/hello.json')).toMatch(/^1234:/);
  expect(await exec(ref, 'touch /etc/dashboards/mine 2>&1 || true')).toContain('Read-only file system');
  expect(await exec(ref, 'ls /etc/dashboards 2>&1 || true', 'other')).toContain('No such file or directory');
}, 90_000);

it('the sidecar logs in with a password that the kubelet took from a Secret', async () => {
  const namespace = await node.createNamespace('credentials', enforcing);
  const login = secret({ name: 'login', data: { user: 'admin', password: 'open $(SESAME)' } });
  await node.apply([...reader(['configmaps']), dashboard('as it was'), login], namespace);
  const ref = { namespace, name: 'with-credentials' };
  const annotations = ourAnnotations({
    ...asking,
    'req-url': 'http://localhost:8081/reload',
    'req-username-from': 'login/user',
    'req-password-from': 'login/password',
  });
  // One answer, and what was asked.
  const script = `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n' | nc -l -p 8081 > /data/request; exec sleep 1000`;
  const containers = [{ ...application({ script }), volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  await node.apply([pod(ref, { annotations, containers, spec: { volumes: [{ name: 'data', emptyDir: {} }] } })]);
  await untilReady(ref);

  await node.apply([dashboard('changed')], namespace);

  const request = await exec(ref, 'until grep -qi authorization /data/request; do sleep 0.1; done; cat /data/request');
  const credentials = Buffer.from('admin:open $(SESAME)').toString('base64');
  expect(request.toLowerCase()).toContain(`authorization: basic ${credentials}`.toLowerCase());
}, 90_000);
