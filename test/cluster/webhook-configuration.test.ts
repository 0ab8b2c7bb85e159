import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../webhook/pod.ts';
import { eventually } from '../eventually.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { logEntries } from '../product/log-entries.ts';
import { asking, pod } from '../product/test-objects.ts';
import { cluster, folder } from './use-cluster.ts';
import { createNamespace, useWebhook, webhook } from './use-webhook.ts';

const head = 'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\n';
const first = `${head}
defaults: { log-level: WARN }
policy:
  settings: { deny: [script] }
  locked: [log-level]
  namespaces: []
`;

let namespace: string;
let versions = 0;

useWebhook('configuration', async () => {
  await publish(first);
  const CONFIG_FILE = join(folder.path, 'configuration.yaml');
  await symlink('..data/configuration.yaml', CONFIG_FILE);
  return { env: { CONFIG_FILE } };
});

beforeAll(async () => {
  namespace = await createNamespace();
});

/** Changes the file as the kubelet changes a ConfigMap's: a new folder, and then the link to it in one step. */
async function publish(content: string): Promise<void> {
  const target = `..version-${++versions}`;
  await mkdir(join(folder.path, target));
  await writeFile(join(folder.path, target, 'configuration.yaml'), content);
  await symlink(target, join(folder.path, '..data_tmp'));
  await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'));
  await rm(join(folder.path, `..version-${versions - 1}`), { recursive: true, force: true });
}

/** Creates a pod that asks; answers the log level of its sidecar, or kubectl's words. */
async function logLevel(settings: Record<string, string> = {}): Promise<string> {
  const name = `app-${Math.random().toString(36).slice(2)}`;
  const own = Object.entries(settings).map(([key, value]) => [`sync-sidecar.io/${key}`, value]);
  const input = JSON.stringify(pod({ name, annotations: { ...asking, ...(Object.fromEntries(own) as object) } }));
  const { code, stderr } = await cluster.kubectl(['create', '--namespace', namespace, '--filename', '-'], { input });
  if (code !== 0) return stderr.trim();
  const stored = await cluster.get<Pod>('pod', name, '--namespace', namespace);
  return injectedContainer(stored)?.env?.find((variable) => variable.name === 'LOG_LEVEL')?.value ?? 'none';
}

const deadline = { timeoutMs: 10_000 };

describe('the policy of the platform team', () => {
  it('refuses a pod with every rule that it breaks, and kubectl shows them', async () => {
    const message = await logLevel({ script: '/etc/run', 'log-level': 'DEBUG', namespace: 'kube-system' });

    const [, told = ''] = message.split('3 problems with the settings: ');
    expect(told.split(/; (?=sync-sidecar)/).sort()).toEqual([
      'sync-sidecar.io/log-level="DEBUG": is locked: policy.locked has it; accepts WARN, or pods without it',
      `sync-sidecar.io/namespace="kube-system": names kube-system, which policy.namespaces does not allow; accepts the pod's own namespace`,
      'sync-sidecar.io/script="/etc/run": may not be set by a pod: policy.settings.deny has it; accepts pods without it',
    ]);
  });

  it('lets other pods pass', async () => {
    expect(await logLevel({ 'log-level': 'warn', namespace })).toBe('WARN');
  });
});

describe('the configuration file', () => {
  it('counts for new pods soon after it was changed', async () => {
    await publish(`${head}defaults: { log-level: ERROR }`);

    await eventually(async () => (await logLevel()) === 'ERROR', deadline);
    expect(await logLevel({ script: '/etc/run', 'log-level': 'DEBUG' })).toBe('DEBUG');
  });

  it('keeps its last good version while a new one is broken, and the log says what is wrong', async () => {
    const before = await logLevel();
    await publish(`${head}defaults: { log-level: LOUD, methd: LIST }`);

    const path = join(folder.path, 'configuration.yaml');
    await eventually(() => logEntries(webhook.program).some(({ level }) => level === 'ERROR'), deadline);
    expect(logEntries(webhook.program).filter(({ level }) => level === 'ERROR')).toMatchObject([
      {
        msg: 'the configuration file is not accepted; the version before it stays in use',
        problems: [
          `${path}: defaults.methd: is no setting; did you mean method?`,
          `${path}: defaults.log-level="LOUD": is not accepted; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL or CRITICAL`,
        ],
      },
    ]);
    expect(await logLevel()).toBe(before);

    await publish(`${head}defaults: { log-level: DEBUG }`);
    await eventually(async () => (await logLevel()) === 'DEBUG', deadline);
  });
});
