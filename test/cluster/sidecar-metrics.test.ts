import { describe, expect, jest } from '@jest/globals';
import { counterFamilies, gaugeFamilies } from '../../sidecar/health/metric-families.ts';
import { eventually } from '../eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { preparePodSidecar, setReadOnly, type PodSidecar } from '../product/pod-sidecar.ts';
import { scrape } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, reader } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { proxy, useProxy } from './use-proxy.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster('kill');
useProxy();
useReceiver();

jest.setTimeout(60_000);

const labels = { dashboard: '1' };

function apply({ namespace }: PodSidecar, name: string, data: Record<string, string>): Promise<void> {
  return cluster.apply([configMap({ name, labels, data })], namespace);
}

/** The samples of the families of one sync, without what its names and labels all have in common. */
async function samplesOf(program: RunningSidecar, { namespace }: PodSidecar): Promise<Record<string, number>> {
  const short = (key: string): string =>
    key
      .replace(/^sync_sidecar_/, '')
      .replace(/(?<=[{,])scope="configmaps with \\"dashboard\\" in namespace \\"[^"]*\\""/, 'configmaps')
      .replace(/(?<=[{,])scope="secrets with \\"dashboard\\" in namespace \\"[^"]*\\""/, 'secrets')
      .replace(` in namespace \\"${namespace}\\"`, '')
      .replace(/(?<=[{,])sync="sync",?/, '')
      .replace('{}', '');
  return Object.fromEntries([...(await scrape(program))].map(([key, value]) => [short(key), value]));
}

async function untilSamples(
  program: RunningSidecar,
  pod: PodSidecar,
  expected: Record<string, unknown>,
): Promise<void> {
  const asExpected = async (): Promise<boolean> => {
    expect(await samplesOf(program, pod)).toMatchObject(expected);
    return true;
  };
  await eventually(asExpected, { timeoutMs: 20_000 }).catch(() => undefined);
  await asExpected();
}

describe(`/metrics${unlessInPod}`, () => {
  inPod('tells what the sidecar has, what it has done, and what is amiss', async () => {
    const pod = await preparePodSidecar(cluster, {
      folder: folder.path,
      port: proxy.port,
      access: reader(['configmaps']),
    });
    await apply(pod, 'older', { same: 'older', a: '12345' });
    await apply(pod, 'younger', { same: 'younger' });
    await apply(pod, 'passing', { goes: '1' });
    receiver.answer = 500;
    const before = Date.now() / 1000;
    const program = await pod.start({
      RESOURCE: 'both',
      READY_PARTIAL: 'true',
      REQ_URL: receiver.url,
      REQ_RETRY_TOTAL: '0',
      NOTIFY_SLOW_RETRY: '100ms',
      NOTIFY_QUIET: '0',
      ERROR_THROTTLE_SLEEP: '100ms',
    });
    running.push(program);

    await untilSamples(program, pod, {
      objects: 3,
      files: 3,
      bytes: 11,
      collisions: 1,
      complete: 1,
      synced: 1,
      faults: 0,
      'events_total{type="ADDED"}': 3,
      'file_changes_total{change="written"}': 3,
      notification_pending: 1,
      'notifications_total{channel="REQ_URL",outcome="success"}': 0,
      'forbidden{secrets,verb="list",resource="secrets"}': 1,
    });
    expect(await samplesOf(program, pod)).not.toHaveProperty('notification_last_success_timestamp_seconds');

    receiver.answer = 200;
    await apply(pod, 'older', { same: 'older', a: '123' });
    await cluster.kubectlOutput(['delete', 'configmap', 'passing', '--namespace', pod.namespace]);
    await expectFiles(pod.files, { same: 'older', a: '123' });
    proxy.cut();
    setReadOnly(program, pod.files, true);
    await apply(pod, 'blocked', { blocked: '12' });
    await untilSamples(program, pod, { faults: 1, file_failures_total: expect.any(Number), files: 2 });
    setReadOnly(program, pod.files, false);
    await untilSamples(program, pod, { faults: 0, notification_pending: 0 });

    const { 'api_failures_total{secrets,reason="connection"}': _cutToo, ...samples } = await samplesOf(program, pod);
    const some = expect.any(Number);
    expect(samples).toEqual({
      objects: 3,
      files: 3,
      bytes: 10,
      collisions: 1,
      faults: 0,
      complete: 1,
      synced: 1,
      'events_total{type="ADDED"}': 4,
      'events_total{type="MODIFIED"}': 1,
      'events_total{type="DELETED"}': 1,
      'file_changes_total{change="written"}': 5,
      'file_changes_total{change="removed"}': 1,
      file_failures_total: some,
      'relists_total{configmaps,reason="expired"}': 0,
      'relists_total{configmaps,reason="handler"}': 0,
      'relists_total{secrets,reason="expired"}': 0,
      'relists_total{secrets,reason="handler"}': 0,
      'reconnects_total{configmaps,reason="connection"}': 1,
      'reconnects_total{configmaps,reason="ended"}': some,
      'reconnects_total{secrets,reason="ended"}': 0,
      'api_failures_total{configmaps,reason="connection"}': 1,
      'api_failures_total{secrets,reason="forbidden"}': some,
      'notifications_total{channel="SCRIPT",outcome="success"}': 0,
      'notifications_total{channel="SCRIPT",outcome="failure"}': 0,
      'notifications_total{channel="REQ_URL",outcome="success"}': some,
      'notifications_total{channel="REQ_URL",outcome="failure"}': some,
      notification_pending: 0,
      notification_last_success_timestamp_seconds: some,
      'downloads_total{outcome="changed"}': 0,
      'downloads_total{outcome="unchanged"}': 0,
      'downloads_total{outcome="failure"}': 0,
      'contact_age_seconds{configmaps}': some,
      'contact_age_seconds{secrets}': some,
      'forbidden{secrets,verb="list",resource="secrets"}': 1,
      [`build_info{version="0.1.0",node_version="${process.versions.node}"}`]: 1,
      process_start_time_seconds: some,
      process_resident_memory_bytes: some,
    });
    const { notification_last_success_timestamp_seconds: success, process_start_time_seconds: started } = samples;
    expect([started, success].every((time) => time !== undefined && time >= before && time <= Date.now() / 1000)).toBe(
      true,
    );
    // What has never happened has no sample, but a name that a person can find.
    const { body } = await program.health('/metrics');
    for (const { name } of Object.values({ ...counterFamilies, ...gaugeFamilies }))
      expect(body).toContain(`# HELP ${name} `);
  });
});
