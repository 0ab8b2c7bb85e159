import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { RenderedMetrics } from '../../shared/metrics/metric-family.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { MetricFacts } from './metrics.ts';

export interface ServeMetricsOptions {
  /** 0: nobody wants them. */
  readonly port: number;
  readonly facts: () => MetricFacts;
  readonly log: Logger;
}

/**
 * Serves `GET /metrics` until what it answers is disposed of. On a port of its own and in plain HTTP: Prometheus has no CA for the
 * serving certificate, nobody but the API server need reach the reviews, and a scrape has nothing to do with them. For the same reason a
 * port that can't be had is an error in the log and no more: no pod is refused for want of metrics.
 */
export async function serveMetrics({ port, facts, log }: ServeMetricsOptions): Promise<Disposable> {
  if (port === 0) return { [Symbol.dispose]: () => undefined };
  const server = createServer({ headersTimeout: patienceMs, requestTimeout: patienceMs }, metricsApp(facts, log));
  try {
    server.listen(port);
    await once(server, 'listening');
    log.info({ port: (server.address() as AddressInfo).port }, 'metrics are told');
  } catch (err) {
    log.error({ err, port }, 'nobody can have metrics: METRICS_PORT is taken or may not be used');
  }
  server.on('error', (err) => log.error({ err }, 'the metrics server failed'));
  return { [Symbol.dispose]: () => void server.close().closeAllConnections() };
}

/** A request for metrics is a line and some headers. */
const patienceMs = 10_000;

/** `GET /metrics` in Prometheus' text format. Opens no port. */
export function metricsApp(facts: () => MetricFacts, log: Logger): Express {
  const app = express();
  app.set('env', 'production'); // In any other, Express shows the stack of an unforeseen error to the client.
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/metrics', async (_request, response) => {
    try {
      const { contentType, body } = await render(facts());
      response.set('content-type', contentType).send(body);
    } catch (err) {
      log.error({ err }, 'the metrics could not be told');
      response.status(500).type('text/plain').send('internal error');
    }
  });
  app.use((_request, response) => void response.status(404).type('text/plain').send('no such path'));
  return app;
}

/** A library for metrics costs 1.6 MiB: the first scrape loads it. */
async function render(facts: MetricFacts): Promise<RenderedMetrics> {
  const { renderMetrics } = await import('./metrics.ts');
  return renderMetrics(facts);
}
