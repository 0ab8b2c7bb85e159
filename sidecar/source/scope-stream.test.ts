import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { describeProblems } from '../../shared/settings/problem.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { noMeter, type Meter } from '../health/meter.ts';
import type { Subscription } from './scope-stream.ts';
import { ScopeStreams } from './scope-streams.ts';
import type { ListPass, ScopeSubscriber } from './scope-subscriber.ts';
import type { Scope } from './source.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

let api: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let logged: ReturnType<typeof recordingLog>;
let streams: ScopeStreams;
let running: Promise<void>;
let metered: string[];
/** Of the process. */
let environment: Record<string, string>;

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  stop = new AbortController();
  logged = recordingLog();
  metered = [];
  environment = {};
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await api.stop();
});

const described = 'configmaps with "sync" in namespace "x"';
const refusal = 'cannot list configmaps in namespace "x": forbidden (403): Forbidden';
const scope: Scope = { kind: 'configmap', namespace: 'x', labelSelector: 'sync' };

const meter: Meter = {
  ...noMeter,
  relist: (...facts) => metered.push(['relist', ...facts].join(' ')),
  reconnect: (...facts) => metered.push(['reconnect', ...facts].join(' ')),
  apiFailure: (...facts) => metered.push(['apiFailure', ...facts].join(' ')),
};

/** Settings of a sync, as an environment gives them. */
function settingsOf(entries: Record<string, string>) {
  const given = { LABEL: 'sync', FOLDER: '/f', ...entries };
  const { settings, problems } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries: given }]);
  const own = settings?.syncs[0]?.settings;
  if (!settings || !own) throw new Error(describeProblems(problems));
  return { process: settings.process, own };
}

/** Takes down what it hears, and fails where it is told to. */
class Hearer implements ScopeSubscriber {
  /** What it has of the objects, by name. */
  readonly held = new Map<string, unknown>();
  readonly heard: string[] = [];
  failures = 0;
  /** Throws at what begins with this, as often as `failures` says. */
  failsAt = 'nothing';
  subscription: Subscription | undefined;

  beginList(): ListPass {
    this.hear('list');
    const seen = new Set<string>();
    return {
      take: ({ metadata, data }) => {
        this.hear(`take ${metadata.name}`);
        seen.add(metadata.name);
        this.held.set(metadata.name, data);
      },
      end: () => {
        this.hear('end');
        for (const name of this.held.keys()) if (!seen.has(name)) this.held.delete(name);
      },
      abandon: () => this.hear('abandon'),
    };
  }

  apply({ type, object: { metadata, data } }: Parameters<ScopeSubscriber['apply']>[0]): void {
    this.hear(`${type} ${metadata.name}`);
    if (type === 'DELETED') this.held.delete(metadata.name);
    else this.held.set(metadata.name, data);
  }

  get listed(): boolean | undefined {
    return this.subscription?.status().listed;
  }

  hear(what: string): void {
    this.heard.push(what);
    if (!what.startsWith(this.failsAt) || this.failures === 0) return;
    this.failures--;
    throw new Error(`cannot take in ${what}`);
  }
}

interface Following {
  readonly environment?: Record<string, string>;
}

/** Starts the stream of `scope` as a process does: everyone subscribes before the first list. */
function start(...hearers: readonly (Hearer & Following)[]): void {
  const { process, own } = settingsOf(environment);
  streams = new ScopeStreams({
    client,
    process,
    log: logged.log,
    meter,
    now: () => performance.now(),
    random: () => 0.999,
  });
  streams.of(scope, own);
  for (const hearer of hearers) subscribe(hearer);
  running = streams.run(stop.signal);
}

function subscribe(hearer: Hearer & Following): void {
  const { own } = settingsOf(hearer.environment ?? {});
  const callbacks = { onListed: () => hearer.hear('listed'), onFailure: (ms: number) => hearer.hear(`failure ${ms}`) };
  const stream = streams.of(scope, own);
  hearer.subscription = stream.subscribe({ subscriber: hearer, log: logged.log, ...callbacks });
}

const hearer = (following: Following = {}): Hearer & Following => Object.assign(new Hearer(), following);
const failingAt = (failsAt: string, failures = 1): Hearer & Following => Object.assign(hearer(), { failsAt, failures });
const until = (condition: () => boolean | undefined): Promise<unknown> =>
  eventually(condition, { timeoutMs: 10_000, intervalMs: 5 });
const put = (name: string, data = '1') =>
  api.put('configmaps', { metadata: { name, namespace: 'x', labels: { sync: '' } }, data: { k: data } });
const messages = (): unknown[] => logged.lines.map(({ msg }) => msg);

describe('a stream', () => {
  it('lists and watches once for all who subscribe, and tells each of them everything', async () => {
    put('a');
    const [one, two] = [hearer(), hearer()];
    start(one, two);
    await until(() => api.openWatches === 1);
    put('b');
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await until(() => one.heard.length === 6);
    const heard = ['list', 'take a', 'end', 'listed', 'ADDED b', 'DELETED a'];
    expect([one.heard, two.heard, api.verbs]).toEqual([heard, heard, ['list', 'watch']]);
  });

  it('passes over nothing when it lists again, and tells what is gone', async () => {
    put('a');
    const one = hearer();
    start(one);
    await until(() => api.openWatches === 1);
    api.cutWatches();
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    api.expire();
    await until(() => one.listed && one.held.size === 0);
    expect(metered).toEqual([
      `apiFailure ${described} connection`,
      `reconnect ${described} connection`,
      `apiFailure ${described} expired`,
      `relist ${described} expired`,
    ]);
  });

  it('begins with its first subscriber', async () => {
    const one = hearer();
    start();
    await new Promise(setImmediate);
    expect(api.requests).toEqual([]);
    subscribe(one);
    await until(() => one.listed);
  });

  it('lists again for a subscriber that comes later, and goes on for the others', async () => {
    put('a');
    const [one, late] = [hearer(), hearer()];
    start(one);
    await until(() => api.openWatches === 1);
    subscribe(late);
    expect(late.subscription?.status().listed).toBe(false);
    await until(() => late.listed && api.openWatches === 1);
    put('b');
    await until(() => late.held.has('b'));
    expect(late.heard).toEqual(['list', 'take a', 'end', 'listed', 'ADDED b']);
    expect(one.heard).toEqual(['list', 'take a', 'end', 'listed', ...late.heard]);
    expect([api.verbs, metered]).toEqual([['list', 'watch', 'list', 'watch'], []]);
  });

  it('lets a list that is under way come to its end before it lists again for who came meanwhile', async () => {
    put('a');
    const [one, late] = [hearer(), hearer()];
    const answer = api.hold('list');
    start(one);
    await until(() => api.requests.length === 1);
    subscribe(late);
    answer();
    await until(() => late.listed);
    expect(one.heard.slice(0, 4)).toEqual(['list', 'take a', 'end', 'listed']);
    expect(late.heard).toEqual(['list', 'take a', 'end', 'listed']);
  });

  it('says nothing more to who has left', async () => {
    const [one, left] = [hearer(), hearer()];
    start(one, left);
    await until(() => one.listed);
    left.subscription?.end();
    put('a');
    await until(() => one.held.has('a'));
    expect(left.heard).toEqual(['list', 'end', 'listed']);
  });

  it('ends at once in the middle of a list', async () => {
    api.fail('list', { kind: 'stall' });
    const one = hearer();
    start(one);
    await until(() => one.heard.includes('take first'));
    stop.abort();
    await running;
    expect(one.heard).toEqual(['list', 'take first', 'abandon']);
  });
});

describe('a subscriber that fails', () => {
  it('at an event gets a new list, while the others have the event and all that follow without delay', async () => {
    const [well, failing] = [hearer(), failingAt('ADDED a')];
    // Comes first, so that the others come after its failure.
    start(failing, well);
    await until(() => api.openWatches === 1);
    put('a');
    put('b');
    await until(() => well.held.has('b'));
    expect([failing.held.has('a'), failing.held.has('b'), api.verbs]).toEqual([false, true, ['list', 'watch']]);
    expect(failing.subscription?.status().error).toBe('cannot take in ADDED a');
    expect(well.subscription?.status().error).toBeNull();
    await until(() => failing.held.has('a') && failing.subscription?.status().error === null);
    expect(well.heard.slice(-5)).toEqual(['list', 'take a', 'take b', 'end', 'listed']);
    expect(metered).toEqual([`relist ${described} handler`]);
  });

  it.each(['list', 'take b', 'end', 'listed'])(
    'at "%s" of a list keeps nobody from having it whole',
    async (failsAt) => {
      environment = { ERROR_THROTTLE_SLEEP: '10ms' };
      put('a');
      put('b');
      const [well, failing] = [hearer(), failingAt(failsAt)];
      start(failing, well);
      await until(() => well.listed);
      expect(failing.subscription?.status()).toMatchObject({ error: `cannot take in ${failsAt}` });
      await until(() => failing.listed && failing.subscription?.status().error === null);
      expect([failing.held.size, well.heard.slice(0, 4)]).toEqual([2, ['list', 'take a', 'take b', 'end']]);
    },
  );

  it('is not listed before it has taken in a whole list', async () => {
    put('a');
    const failing = failingAt('take a');
    start(failing);
    await until(() => failing.heard.length === 4);
    expect([failing.listed, failing.heard]).toEqual([false, ['list', 'take a', 'abandon', 'failure 400']]);
  });

  it('again and again is tried less and less often, and is an error in the log once', async () => {
    put('a');
    const [well, failing] = [hearer(), failingAt('take a', 2)];
    start(well, failing);
    await until(() => failing.listed);
    expect(failing.heard.filter((heard) => heard.startsWith('failure'))).toEqual(['failure 400', 'failure 801']);
    expect(messages().filter((message) => message === 'not taken in; listing again')).toHaveLength(1);
    expect(metered).toEqual([`relist ${described} handler`, `relist ${described} handler`]);
    put('b');
    await until(() => well.held.has('b') && failing.held.has('b'));
  });
});

describe('an error of the API server', () => {
  it('is logged once for all who subscribe, and shown by each of them', async () => {
    api.forbid('list', 'configmaps');
    const [one, two] = [hearer(), hearer()];
    start(one, two);
    await until(() => api.requests.length === 2);
    const status = {
      scope: described,
      listed: false,
      error: refusal,
      forbidden: { verb: 'list', resource: 'configmaps in namespace "x"' },
    };
    expect([one, two].map(({ subscription }) => subscription?.status())).toMatchObject([status, status]);
    api.allow('list', 'configmaps');
    await until(() => one.listed && two.listed);
    expect(one.subscription?.status()).toMatchObject({ error: null, forbidden: null });
    expect(messages()).toEqual(['API server: trying again', 'API server: in contact again']);
  });

  it('counts as a list with READY_PARTIAL when it is a refusal', async () => {
    api.forbid('list', 'configmaps');
    const one = hearer();
    environment = { READY_PARTIAL: 'true' };
    start(one);
    await until(() => one.listed);
    expect(one.subscription?.status().error).toBe(refusal);
  });

  it('is followed by a pause of ERROR_THROTTLE_SLEEP where that is set', async () => {
    for (let n = 0; n < 8; n++) api.fail('list', { kind: 'status', code: 503, reason: 'ServiceUnavailable' });
    const one = hearer();
    environment = { ERROR_THROTTLE_SLEEP: '10ms' };
    start(one);
    // Without it the pauses would add up to a minute.
    await until(() => one.listed);
    expect(logged.lines[0]).toMatchObject({ retryInMs: 5 });
  });
});

describe('METHOD=LIST', () => {
  const once = { environment: { METHOD: 'LIST' } };

  it('lists once for all who subscribe', async () => {
    put('a');
    const [one, two] = [hearer(once), hearer(once)];
    start(one, two);
    await until(() => one.listed && two.listed);
    expect(api.verbs).toEqual(['list']);
  });

  it('lists again for who could not take it in', async () => {
    environment = { ERROR_THROTTLE_SLEEP: '10ms' };
    put('a');
    const [well, failing] = [hearer(once), Object.assign(failingAt('take a'), once)];
    start(failing, well);
    await until(() => failing.listed);
    expect(api.verbs).toEqual(['list', 'list']);
  });
});

describe('METHOD=SLEEP', () => {
  it('lists for all who subscribe, again and again, and never watches', async () => {
    const often = { environment: { METHOD: 'SLEEP', SLEEP_TIME: '20ms' } };
    const [one, two] = [hearer(often), hearer(often)];
    start(one, two);
    await until(() => one.listed);
    put('a');
    await until(() => one.held.has('a') && two.held.has('a'));
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await until(() => one.held.size === 0 && two.held.size === 0);
    expect([one.heard, new Set(api.verbs)]).toEqual([two.heard, new Set(['list'])]);
  });
});
