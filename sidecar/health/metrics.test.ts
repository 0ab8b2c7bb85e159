import { describe, expect, it } from '@jest/globals';
import { CountingMeter } from './meter.ts';
import { counterFamilies, gaugeFamilies } from './metric-families.ts';
import { renderMetrics, type MetricFacts } from './metrics.ts';
import type { SyncStatus } from './health.ts';

const scope = 'configmaps in namespace "x"';
const now = Date.UTC(2026, 0, 1);

const sync: SyncStatus = {
  name: 'a',
  complete: true,
  synced: false,
  scopes: [{ scope, listed: true, error: null, lastContact: now - 1500, lastSign: now, forbidden: null }],
  faults: [],
  stuckAfter: 1,
  contactThreshold: 1,
  counts: { objects: 2, files: 3, bytes: 4, collisions: 5, faults: 6 },
  notification: { pending: true, lastSuccess: null },
};

const process = { version: '1.2.3', nodeVersion: '24.0.0', startedAt: now - 10_000, residentMemoryBytes: 62_000_000 };

/** The samples of a scrape, by series. */
async function samplesOf(facts: Partial<MetricFacts>): Promise<Record<string, number>> {
  const { body } = await renderMetrics({ counts: [], syncs: [], now, process, ...facts });
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

describe('renderMetrics', () => {
  it('tells what a sync has and how it is', async () => {
    expect(await samplesOf({ syncs: [sync] })).toMatchObject({
      'sync_sidecar_objects{sync="a"}': 2,
      'sync_sidecar_files{sync="a"}': 3,
      'sync_sidecar_bytes{sync="a"}': 4,
      'sync_sidecar_collisions{sync="a"}': 5,
      'sync_sidecar_faults{sync="a"}': 6,
      'sync_sidecar_complete{sync="a"}': 1,
      'sync_sidecar_synced{sync="a"}': 0,
      'sync_sidecar_notification_pending{sync="a"}': 1,
      'sync_sidecar_contact_age_seconds{sync="a",scope="configmaps in namespace \\"x\\""}': 1.5,
    });
  });

  it('tells of a successful notification only once there was one', async () => {
    const series = 'sync_sidecar_notification_last_success_timestamp_seconds{sync="a"}';
    expect(await samplesOf({ syncs: [sync] })).not.toHaveProperty([series]);
    const notified = { ...sync, notification: { pending: false, lastSuccess: now } };
    expect(await samplesOf({ syncs: [notified] })).toMatchObject({ [series]: now / 1000 });
  });

  it('tells what is forbidden as long as it is', async () => {
    const forbidden = sync.scopes.map((one) => ({ ...one, forbidden: { verb: 'list', resource: 'configmaps' } }));
    const series = (samples: object): string[] => Object.keys(samples).filter((key) => key.includes('forbidden'));
    expect(series(await samplesOf({ syncs: [{ ...sync, scopes: forbidden }] }))).toEqual([
      'sync_sidecar_forbidden{sync="a",scope="configmaps in namespace \\"x\\"",verb="list",resource="configmaps"}',
    ]);
    expect(series(await samplesOf({ syncs: [sync] }))).toEqual([]);
  });

  it('tells what the meter has counted', async () => {
    const meter = new CountingMeter();
    meter.objectEvent('a', 'ADDED');
    meter.objectEvent('a', 'ADDED');
    meter.fileChange('a', 'written');
    meter.fileFailure('a');
    meter.relist(scope, 'expired');
    meter.reconnect(scope, 'ended');
    meter.apiFailure(scope, 'forbidden');
    meter.notification('a', 'REQ_URL', 'failure');
    meter.download('a', 'unchanged');
    const labels = 'scope="configmaps in namespace \\"x\\""';
    expect(await samplesOf({ syncs: [sync], counts: meter.counts })).toMatchObject({
      'sync_sidecar_events_total{sync="a",type="ADDED"}': 2,
      'sync_sidecar_file_changes_total{sync="a",change="written"}': 1,
      'sync_sidecar_file_failures_total{sync="a"}': 1,
      [`sync_sidecar_relists_total{${labels},reason="expired"}`]: 1,
      [`sync_sidecar_reconnects_total{${labels},reason="ended"}`]: 1,
      [`sync_sidecar_api_failures_total{${labels},reason="forbidden"}`]: 1,
      'sync_sidecar_notifications_total{sync="a",channel="REQ_URL",outcome="failure"}': 1,
      'sync_sidecar_notifications_total{sync="a",channel="REQ_URL",outcome="success"}': 0,
      'sync_sidecar_downloads_total{sync="a",outcome="unchanged"}': 1,
    });
  });

  it('begins the counters of a sync and of its scopes at 0', async () => {
    const samples = await samplesOf({ syncs: [sync] });
    const counters = Object.entries(samples).filter(([series]) => series.includes('_total{'));
    expect(counters.map(([, value]) => value)).toEqual(Array(16).fill(0));
    const ofScope = counters.filter(([series]) => series.includes('scope=')).map(([series]) => series);
    const labels = 'scope="configmaps in namespace \\"x\\""';
    expect(ofScope).toEqual([
      `sync_sidecar_relists_total{${labels},reason="expired"}`,
      `sync_sidecar_relists_total{${labels},reason="handler"}`,
      `sync_sidecar_reconnects_total{${labels},reason="ended"}`,
    ]);
  });

  it('tells what runs', async () => {
    expect(await samplesOf({})).toEqual({
      'sync_sidecar_build_info{version="1.2.3",node_version="24.0.0"}': 1,
      process_start_time_seconds: now / 1000 - 10,
      process_resident_memory_bytes: 62_000_000,
    });
  });

  it("is Prometheus' text format, and says what each metric is", async () => {
    const { contentType, body } = await renderMetrics({ counts: [], syncs: [sync], now, process });
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = [...Object.values(counterFamilies), ...Object.values(gaugeFamilies)];
    for (const { name, help } of families) expect(body).toContain(`# HELP ${name} ${help}\n`);
  });
});
