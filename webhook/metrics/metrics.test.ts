import { describe, expect, it } from '@jest/globals';
import { CountingMeter } from './meter.ts';
import { renderMetrics, type MetricFacts } from './metrics.ts';

const now = Date.UTC(2026, 0, 1);
const process = {
  version: '1.2.3',
  nodeVersion: '24.0.0',
  startedAt: now,
  residentMemoryBytes: 62_000_000,
  cpuSeconds: 1.5,
};
const unknown = { servingUntil: null, caUntil: null, trusted: null, filesServed: null };
const dayMs = 24 * 60 * 60_000;

/** The samples of a scrape, by series without what all their names have in common. */
async function samplesOf(facts: Partial<MetricFacts>): Promise<Record<string, number>> {
  const { counts, durations } = new CountingMeter(() => 0);
  const { body } = await renderMetrics({
    ...{ counts, durations, certificates: unknown, configuration: null, ready: false, process },
    ...facts,
  });
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')).replace('sync_sidecar_webhook_', ''),
      Number(line.split(' ').at(-1)),
    ]),
  );
}

function named(samples: Record<string, number>, name: string): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).filter(([series]) => series.startsWith(name)));
}

describe('the metrics of the webhook', () => {
  it('have every reason from the start', async () => {
    expect(named(await samplesOf({}), 'reviews_total')).toEqual({
      'reviews_total{outcome="inject",reason="injected",dry_run="false"}': 0,
      'reviews_total{outcome="admit",reason="already-injected",dry_run="false"}': 0,
      'reviews_total{outcome="admit",reason="not-asked",dry_run="false"}': 0,
      'reviews_total{outcome="admit",reason="opted-out",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="invalid-settings",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="unknown-profile",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="policy",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="name-taken",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="windows",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="mesh-cni",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="health-port",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="mount-conflict",dry_run="false"}': 0,
      'reviews_total{outcome="refuse",reason="nested-folders",dry_run="false"}': 0,
    });
  });

  it('count what was decided, a dry run apart, and what was not', async () => {
    const meter = new CountingMeter(() => 0);
    meter.decided({ outcome: 'inject', reason: 'injected' }, { dryRun: false });
    meter.decided({ outcome: 'inject', reason: 'injected' }, { dryRun: false });
    meter.decided({ outcome: 'inject', reason: 'injected' }, { dryRun: true });
    meter.decided({ outcome: 'refuse', reason: 'name-taken' }, { dryRun: false });
    meter.failed(413);

    const samples = await samplesOf({ counts: meter.counts });

    const counted = Object.entries({ ...named(samples, 'reviews'), ...named(samples, 'failures') });
    expect(Object.fromEntries(counted.filter(([, value]) => value > 0))).toEqual({
      'reviews_total{outcome="inject",reason="injected",dry_run="false"}': 2,
      'reviews_total{outcome="inject",reason="injected",dry_run="true"}': 1,
      'reviews_total{outcome="refuse",reason="name-taken",dry_run="false"}': 1,
      'failures_total{code="413"}': 1,
    });
  });

  it('have the failures that alerts ask for from the start', async () => {
    expect(named(await samplesOf({}), 'failures_total')).toEqual({
      'failures_total{code="500"}': 0,
      'failures_total{code="none"}': 0,
    });
  });

  it('tell how long reviews take', async () => {
    let time = 0;
    const meter = new CountingMeter(() => time);
    for (const takes of [0.05, 0.09, 3, 6000]) {
      const end = meter.beginReview();
      time += takes;
      end();
    }

    const samples = named(await samplesOf({ durations: meter.durations }), 'review_duration');

    expect(samples).toMatchObject({
      'review_duration_seconds_bucket{le="0.0001"}': 2,
      'review_duration_seconds_bucket{le="0.0025"}': 2,
      'review_duration_seconds_bucket{le="0.005"}': 3,
      'review_duration_seconds_bucket{le="5"}': 3,
      'review_duration_seconds_bucket{le="+Inf"}': 4,
      review_duration_seconds_count: 4,
    });
    expect(samples.review_duration_seconds_sum).toBeCloseTo(6.00314);
  });

  it('tell when certificates expire, and whether the API server trusts the one that is served', async () => {
    const certificates = { servingUntil: now, caUntil: now + dayMs, trusted: false, filesServed: true };

    expect(await samplesOf({ certificates })).toMatchObject({
      'certificate_expiry_timestamp_seconds{certificate="serving"}': now / 1000,
      'certificate_expiry_timestamp_seconds{certificate="ca"}': (now + dayMs) / 1000,
      ca_bundle_trusted: 0,
      certificate_last_reload_successful: 1,
    });
  });

  it('tell which version of the configuration is in use, and whether a later one was not accepted', async () => {
    const configuration = { version: 'e6d6b2db6861', lastReload: 'failed', at: now } as const;

    expect(named(await samplesOf({ configuration }), 'configuration')).toEqual({
      'configuration_info{version="e6d6b2db6861"}': 1,
      configuration_last_reload_successful: 0,
      configuration_last_reload_timestamp_seconds: now / 1000,
    });
  });

  it('tell nothing of what is not there', async () => {
    const series = Object.keys(await samplesOf({}));

    expect(series.filter((name) => /^(certificate|configuration|ca_bundle)/.test(name))).toEqual([]);
  });

  it('tell the basics of the process', async () => {
    expect(await samplesOf({ ready: true })).toMatchObject({
      ready: 1,
      'build_info{version="1.2.3",node_version="24.0.0"}': 1,
      process_start_time_seconds: now / 1000,
      process_resident_memory_bytes: 62_000_000,
      process_cpu_seconds_total: 1.5,
    });
  });
});
