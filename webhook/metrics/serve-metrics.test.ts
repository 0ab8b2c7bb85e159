import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { recordingLog } from '../../test/recording-log.ts';
import { CountingMeter } from './meter.ts';
import type { MetricFacts } from './metrics.ts';
import { metricsApp, serveMetrics } from './serve-metrics.ts';

function facts(): MetricFacts {
  const { counts, durations } = new CountingMeter(() => 0);
  const certificates = { servingUntil: null, caUntil: null, trusted: null, filesServed: null };
  const process = { version: '1.2.3', nodeVersion: '24.0.0', startedAt: 0, residentMemoryBytes: 1, cpuSeconds: 0 };
  return { counts, durations, certificates, configuration: null, ready: true, process };
}

describe('GET /metrics', () => {
  it("answers in Prometheus' text format", async () => {
    const response = await request(metricsApp(facts, recordingLog().log)).get('/metrics');

    expect([response.status, response.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(response.text).toContain('\nsync_sidecar_webhook_build_info{version="1.2.3",node_version="24.0.0"} 1\n');
  });

  it('answers 500 where there are none to tell, and the log has the reason', async () => {
    const { log, lines } = recordingLog();
    const fail = (): never => {
      throw new Error('no facts');
    };

    const response = await request(metricsApp(fail, log)).get('/metrics');

    expect([response.status, response.text]).toEqual([500, 'internal error']);
    expect(lines).toMatchObject([{ level: 'ERROR', err: { message: 'no facts' } }]);
  });

  it.each(['GET /', 'GET /livez', 'POST /metrics'])('is all that there is: %s answers 404', async (line) => {
    const [method = '', path = ''] = line.split(' ');
    const app = metricsApp(facts, recordingLog().log);

    const response = await (method === 'GET' ? request(app).get(path) : request(app).post(path));

    expect([response.status, response.text]).toEqual([404, 'no such path']);
  });
});

describe('the server of the metrics', () => {
  it('tells a port that it cannot have, and no more', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { log, lines } = recordingLog();

    using _metrics = await serveMetrics({ port, facts, log });

    expect(lines).toMatchObject([
      { level: 'ERROR', port, msg: 'nobody can have metrics: METRICS_PORT is taken or may not be used' },
    ]);
    other.close();
  });

  it('is not there with port 0', async () => {
    const { log, lines } = recordingLog();

    using _metrics = await serveMetrics({ port: 0, facts, log });

    expect(lines).toEqual([]);
  });
});
