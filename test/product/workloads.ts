import type { Cluster } from '../control-plane/cluster.ts';
import { pod } from './test-objects.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'CronJob';

export interface WorkloadOptions {
  /** Default: its kind, in small letters. */
  name?: string;
  /** Annotations of its own, which no pod gets. */
  own?: Readonly<Record<string, string>>;
  /** Annotations of its pods. */
  pods?: Readonly<Record<string, string>>;
  /** Further labels of its pods. */
  podLabels?: Readonly<Record<string, string>>;
  /** Of its pods. */
  spec?: Record<string, unknown>;
}

/** A workload of any kind, of pods that pass Pod Security "restricted": two where it says how many. No CronJob's time comes soon. */
export function workload(
  kind: WorkloadKind,
  { name = kind.toLowerCase(), own = {}, pods = {}, podLabels = {}, spec = {} }: WorkloadOptions = {},
): object {
  const matchLabels = { app: name };
  const { spec: podSpec } = pod({ name, spec }) as { spec: object };
  const template = { metadata: { labels: { ...matchLabels, ...podLabels }, annotations: pods }, spec: podSpec };
  const jobTemplate = { backoffLimit: 0, template: { ...template, spec: { restartPolicy: 'Never', ...podSpec } } };
  const service = { selector: { matchLabels }, template };
  const specs = {
    Deployment: { replicas: 2, ...service },
    StatefulSet: { replicas: 2, podManagementPolicy: 'Parallel', serviceName: name, ...service },
    DaemonSet: service,
    Job: jobTemplate,
    CronJob: { schedule: '0 0 1 1 *', jobTemplate: { spec: jobTemplate } },
  } satisfies Record<WorkloadKind, object>;
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, annotations: own }, spec: specs[kind] };
}

/** Has a CronJob make its Job now: for its controller its time came while nobody looked. */
export async function missSchedule(cluster: Cluster, namespace: string, name: string): Promise<void> {
  const patch = JSON.stringify({ status: { lastScheduleTime: '2020-01-01T00:00:00Z' } });
  const status = ['--subresource=status', '--type=merge', '--patch', patch];
  await cluster.kubectlOutput(['patch', 'cronjob', name, '--namespace', namespace, ...status]);
}
