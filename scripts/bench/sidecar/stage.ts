import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { findOrBuildBinaries } from '../../../test/control-plane/binaries.ts';
import { startControlPlane } from '../../../test/control-plane/control-plane.ts';
import type { SuiteOptions } from '../suite.ts';
import { versionOf } from '../version-of.ts';
import type { LaunchSite } from './contender.ts';
import { createDataSet, type DataSet } from './data-set.ts';
import { preparePodFiles } from '../pod-files.ts';

export type StageOptions = Pick<SuiteOptions, 'env' | 'signal' | 'onProgress' | 'root'>;

export type DataSetName = keyof typeof dataSets;

/** What all rows share: a control plane with objects, and the files of a ServiceAccount that may read them. */
export interface Stage extends LaunchSite {
  readonly kubernetesVersion: string;
  /** Made when it is first asked for. */
  dataSet(name: DataSetName): Promise<DataSet>;
  /** An empty folder. */
  newFolder(): Promise<string>;
}

const dataSets = {
  few: { count: 10, bytes: 1024 },
  thousand: { count: 1000, bytes: 10 * 1024 },
  'three-thousand': { count: 3000, bytes: 10 * 1024 },
  change: { count: 1, bytes: 1024 },
  burst: { count: 5, bytes: 1024 },
} as const;

/** Prepares all of it; `stack` takes it down. */
export async function prepareStage(options: StageOptions, stack: AsyncDisposableStack): Promise<Stage> {
  const { env, onProgress, signal, root } = options;
  const binaries = await findOrBuildBinaries({ env, onProgress, signal });
  const cluster = await startControlPlane({ binaries, onProgress, signal });
  stack.defer(() => cluster.stop());
  const folder = await mkdtemp(join(cluster.directory, 'bench-'));
  await cluster.apply(reader);
  const account = { namespace: 'default', name: 'bench' };
  const pod = stack.use(await preparePodFiles({ cluster, account, folder, root }));
  const made = new Map<DataSetName, Promise<DataSet>>();
  return {
    ...{ pod, folder, signal, path: env['PATH'] ?? '', apiPort: Number(new URL(cluster.server).port) },
    kubernetesVersion: await versionOf(cluster),
    dataSet: (name) => {
      const known = made.get(name);
      if (known) return known;
      onProgress({ step: `creating ${dataSets[name].count} ConfigMaps` });
      const creating = createDataSet(cluster, { name, ...dataSets[name] });
      stack.defer(async () => (await creating.catch(() => undefined))?.objects.close());
      made.set(name, creating);
      return creating;
    },
    newFolder: () => mkdtemp(join(folder, 'files-')),
  };
}

const rbac = 'rbac.authorization.k8s.io';

const reader = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bench', namespace: 'default' } },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'bench' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'bench' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'bench' },
    subjects: [{ kind: 'ServiceAccount', name: 'bench', namespace: 'default' }],
  },
];
