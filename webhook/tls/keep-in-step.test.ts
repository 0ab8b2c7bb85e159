import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { keepInStep, type InStepOptions } from './keep-in-step.ts';

const deadline = { timeoutMs: 10_000, intervalMs: 5 };
const secrets = { apiPath: '/api/v1', plural: 'secrets', namespace: 'x' };

let server: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let running: Promise<void>;
/** When each began. */
let rounds: number[];
let failures: unknown[];

beforeEach(async () => {
  server = await startFakeApiServer();
  client = new ApiClient(server.access);
  stop = new AbortController();
  rounds = [];
  failures = [];
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
});

/** Without anything to watch, and so without any change, unless `resources` says so. */
function run(round: InStepOptions['round'], resources: InStepOptions['resources'] = []): void {
  running = keepInStep({
    client,
    resources,
    round: () => {
      rounds.push(performance.now());
      return round();
    },
    onFailure: (error) => failures.push(error),
    now: Date.now,
    random: Math.random,
    signal: stop.signal,
    log: recordingLog().log,
  });
}

describe('keepInStep', () => {
  it('repeats a round when it is due', async () => {
    run(() => Promise.resolve(10));

    await eventually(() => rounds.length === 2, deadline);
    expect(failures).toEqual([]);
  });

  it('repeats a round that failed, and tells the failure', async () => {
    const failure = new Error('forbidden');
    run(() => (rounds.length === 1 ? Promise.reject(failure) : Promise.resolve(Infinity)));

    await eventually(() => rounds.length === 2, deadline);
    expect(failures).toEqual([failure]);
  });

  it('follows every change by a round, but has a second between two rounds', async () => {
    run(() => Promise.resolve(Infinity), [secrets]);
    await eventually(() => server.openWatches === 1 && rounds.length === 2, deadline);
    const change = (): unknown => server.put('secrets', { metadata: { name: 'a', namespace: 'x' } });
    const changing = setInterval(change, 5);

    await eventually(() => rounds.length === 4, deadline).finally(() => clearInterval(changing));

    const pauses = rounds.slice(1).map((at, index) => at - rounds[index]!);
    // Timers may fire a millisecond early.
    expect(pauses.filter((pause) => pause < 990)).toEqual([]);
  });
});
