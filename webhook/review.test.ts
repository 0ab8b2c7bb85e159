import { describe, expect, it } from '@jest/globals';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { recordingLog } from '../test/recording-log.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { emptyConfiguration } from './configuration/configuration.ts';
import type { Labels } from './namespaces.ts';
import { createReviewer, type ReviewerOptions } from './review.ts';

const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

function request(annotations: Record<string, string>, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'grafana-5d9c', controller: true };
  return {
    uid: '705ab4f5',
    kind: 'Pod',
    namespace: 'shop',
    operation: 'CREATE',
    object: {
      metadata: { generateName: 'grafana-5d9c-', annotations, ownerReferences: [owner] },
      spec: { containers: [{ name: 'app' }] },
    },
    dryRun: false,
    ...more,
  };
}

interface GivenLabels {
  /** As they were last seen. */
  readonly known?: Labels;
  /** As they are; null: they can't be read. */
  readonly live?: Labels | null;
  readonly isInContact?: boolean;
}

/** What is known of namespaces, and what they are; `asked` are those that were read. */
function namespacesOf({ known, live = known ?? null, isInContact = true }: GivenLabels) {
  const asked: string[] = [];
  const read = (name: string): Promise<Labels> => {
    asked.push(name);
    return live ? Promise.resolve(live) : Promise.reject(new Error('no answer'));
  };
  return { isInContact, known: () => known, read, asked };
}

function reviewer(labels: Labels = {}, more: Partial<ReviewerOptions> = {}) {
  const { log, lines, text } = recordingLog();
  const review = createReviewer({
    namespaces: {
      isInContact: true,
      known: (namespace) => (namespace === 'shop' ? labels : {}),
      read: (namespace) => Promise.resolve(namespace === 'shop' ? labels : {}),
    },
    configuration: () => emptyConfiguration,
    image: 'example.com/sync-sidecar:1',
    log,
    ...more,
  });
  return { review, lines, text };
}

describe('a review', () => {
  it('admits a pod that does not ask as it is', async () => {
    const { review } = reviewer();

    expect(await review(request({ 'sync-sidecar.io/label': 'a' }))).toEqual({
      uid: '705ab4f5',
      allowed: true,
      auditAnnotations: { decision: 'not-asked' },
    });
  });

  it('admits a pod that asks with the patch that injects the sidecar', async () => {
    const { review } = reviewer();

    const { patch = '', ...response } = await review(request(asking));

    expect(response).toEqual({
      uid: '705ab4f5',
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { decision: 'injected' },
    });
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as { op: string; path: string }[];
    expect(operations.map(({ op, path }) => `${op} ${path}`)).toEqual([
      'add /metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict-local-volumes',
      'add /metadata/annotations/sync-sidecar.io~1status',
      'add /spec/volumes',
      'add /spec/containers/0/volumeMounts',
      'add /spec/initContainers',
    ]);
  });

  it('refuses a pod whose settings are wrong with what is wrong', async () => {
    const { review } = reviewer();

    expect(await review(request({ ...asking, 'sync-sidecar.io/method': 'watsh' }))).toEqual({
      uid: '705ab4f5',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message:
          '1 problem with the settings: sync-sidecar.io/method="watsh": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
      },
      auditAnnotations: { decision: 'invalid-settings' },
    });
  });

  it('tells everything in one line, as of others `kubectl get events` shows the first one', async () => {
    const { review } = reviewer();
    const mounts = { volumeMounts: [{ name: 'data', mountPath: '/etc/dashboards' }] };
    const wrong = { 'sync-sidecar.io/folder': '/etc/dashboards', 'sync-sidecar.io/position': 'db' };
    const asked = request({ ...asking, ...wrong });
    const object = { ...asked.object, spec: { containers: [{ name: 'app', ...mounts }] } };

    const { status } = await review({ ...asked, object });

    expect(status?.message).toMatch(
      /^1 problem with the settings: sync-sidecar\.io\/position="db": .+; the container app already mounts \/etc\/dashboards, [^\n]+$/,
    );
  });

  it('asks for the label of the namespace that the request is for', async () => {
    const { review } = reviewer({ 'sync-sidecar.io/inject': 'true' });
    const settings = { 'sync-sidecar.io/label': 'a', 'sync-sidecar.io/folder': '/a' };

    expect((await review(request(settings))).auditAnnotations).toEqual({ decision: 'injected' });
    expect((await review(request(settings, { namespace: 'other' }))).auditAnnotations).toEqual({
      decision: 'not-asked',
    });
  });

  it.each<[string, Partial<AdmissionRequest>]>([
    ['an object that is no pod', { kind: 'Deployment' }],
    ['a pod that is changed', { operation: 'UPDATE' }],
    ['a pod that is removed', { operation: 'DELETE' }],
  ])('admits %s as it is, asking nobody', async (_case, more) => {
    const namespaces = namespacesOf({});
    const { review, lines } = reviewer({}, { namespaces });

    expect(await review(request(asking, more))).toEqual({ uid: '705ab4f5', allowed: true });
    expect([lines, namespaces.asked]).toEqual([[], []]);
  });

  it('tells who creates a pod of nobody what has no effect, and what is seldom meant', async () => {
    const { review } = reviewer();
    const own = (annotations: Record<string, string>, labels = {}): AdmissionRequest =>
      request(
        {},
        { object: { metadata: { name: 'app', annotations, labels }, spec: { containers: [{ name: 'app' }] } } },
      );
    const secrets = { 'sync-sidecar.io/namespace': 'ALL', 'sync-sidecar.io/resource': 'secret' };

    const unasked = await review(own({ 'sync-sidecar.io/label': 'a', 'sync-sidecar/inject': 'true' }));
    const risky = await review(own({ ...asking, ...secrets }));
    const labelled = await review(
      own({ ...asking, 'sync-sidecar.io/inject': '' }, { 'sync-sidecar.io/inject': 'true' }),
    );

    expect(unasked.warnings).toEqual([
      'sync-sidecar: Pod/app: sync-sidecar/inject: no effect; did you mean sync-sidecar.io/inject?',
      'sync-sidecar: Pod/app: sync-sidecar.io/label: no effect, as its pods ask for no sidecar: that takes sync-sidecar.io/inject: "true" in metadata.annotations, or the label sync-sidecar.io/inject of its namespace',
    ]);
    expect(risky.warnings).toEqual([
      expect.stringMatching(
        /^sync-sidecar: Pod\/app: sync-sidecar\.io\/namespace=ALL: the sidecar reads Secrets of all/,
      ),
    ]);
    expect(labelled.warnings?.[0]).toBe(
      'sync-sidecar: Pod/app: sync-sidecar.io/inject: no effect in metadata.labels, as it is a label; pods need the annotation, in metadata.annotations',
    );
    expect((await review(own(asking))).warnings).toBeUndefined();
    expect((await review(request({ ...asking, ...secrets }))).warnings).toBeUndefined();
  });

  it('takes the configuration as it is at that time', async () => {
    const settings = { 'sync-sidecar.io/inject': 'true', 'sync-sidecar.io/profile': 'late' };
    let configuration = emptyConfiguration;
    const { review } = reviewer({}, { configuration: () => configuration });

    expect((await review(request(settings))).auditAnnotations).toEqual({ decision: 'unknown-profile' });
    configuration = { defaults: {}, profiles: new Map([['late', { label: 'a', folder: '/a' }]]) };
    expect((await review(request(settings))).auditAnnotations).toEqual({ decision: 'injected' });
  });
});

describe('the label of a namespace', () => {
  const settings = { 'sync-sidecar.io/label': 'a', 'sync-sidecar.io/folder': '/a' };
  const optedIn = { 'sync-sidecar.io/inject': 'true' };

  it.each([
    {
      when: 'the pod would be left alone, and is not',
      given: settings,
      known: {},
      live: optedIn,
      decision: 'injected',
    },
    { when: 'the pod would be left alone, and is', given: settings, known: {}, live: {}, decision: 'not-asked' },
    {
      when: 'its profile is not for it, and it has another one meanwhile',
      given: settings,
      known: { 'sync-sidecar.io/inject': 'internal' },
      live: optedIn,
      decision: 'injected',
    },
    {
      when: 'it names no profile, and does meanwhile',
      given: settings,
      known: { 'sync-sidecar.io/inject': 'none' },
      live: optedIn,
      decision: 'injected',
    },
    {
      when: 'it asks with a profile that leaves something out, and another one does not meanwhile',
      given: { 'sync-sidecar.io/inject': 'true' },
      known: {},
      live: { 'sync-sidecar.io/inject': 'complete' },
      decision: 'injected',
    },
    {
      when: 'its profile has no such sync, and has it meanwhile',
      given: { 'rules.sync-sidecar.io/resource': 'secret' },
      known: {},
      live: { 'sync-sidecar.io/inject': 'named' },
      decision: 'injected',
    },
    {
      when: 'the pod would be refused, and is',
      given: { 'sync-sidecar.io/ijnect': 'true' },
      known: {},
      live: optedIn,
      decision: 'invalid-settings',
    },
    { when: 'nothing is known of the namespace', given: settings, live: optedIn, decision: 'injected' },
    { when: 'nothing is known, though the pod asks', given: asking, live: {}, decision: 'injected' },
  ])('is read once when $when', async ({ given, decision, ...labels }) => {
    const namespaces = namespacesOf(labels);
    const profiles = new Map([
      ['default', {}],
      ['internal', {}],
      ['complete', { label: 'a', folder: '/a' }],
      ['named', { syncs: 'rules', 'rules.label': 'a', 'rules.folder': '/a' }],
    ]);
    const policy = { profiles: new Map([['internal', { namespaces: ['platform'] }]]) };
    const { review } = reviewer({}, { namespaces, configuration: () => ({ defaults: {}, profiles, policy }) });

    expect((await review(request(given))).auditAnnotations).toEqual({ decision });
    expect(namespaces.asked).toEqual(['shop']);
  });

  it.each<[string, Record<string, string>, Labels]>([
    ['injected', asking, {}],
    ['injected', settings, optedIn],
    ['opted-out', { 'sync-sidecar.io/inject': 'false' }, optedIn],
  ])('is not read for a pod that is %s anyway: %j, %j', async (decision, annotations, known) => {
    const namespaces = namespacesOf({ known });
    const { review } = reviewer({}, { namespaces });

    expect((await review(request(annotations))).auditAnnotations).toEqual({ decision });
    expect(namespaces.asked).toEqual([]);
  });

  it('is never read for a pod that another replica has injected, and nothing need be known of it', async () => {
    const { patch = '' } = await reviewer().review(request(asking));
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
    const { newDocument } = jsonPatch.applyPatch(request(asking).object, operations);
    const namespaces = namespacesOf({ isInContact: false });
    const { review } = reviewer({}, { namespaces });

    const { auditAnnotations } = await review(request({}, { object: newDocument }));

    expect([auditAnnotations, namespaces.asked]).toEqual([{ decision: 'already-injected' }, []]);
  });

  it('is read for every pod while the watch is interrupted', async () => {
    const namespaces = namespacesOf({ known: { 'sync-sidecar.io/inject': 'none' }, live: optedIn, isInContact: false });
    const { review } = reviewer({}, { namespaces });

    expect((await review(request(settings))).auditAnnotations).toEqual({ decision: 'injected' });
    expect(namespaces.asked).toEqual(['shop']);
  });

  it.each<[string, Record<string, string>, GivenLabels]>([
    ['injected', settings, { known: optedIn, live: null, isInContact: false }],
    ['invalid-settings', { ...settings, 'sync-sidecar.io/ijnect': 'true' }, { known: optedIn, live: null }],
    ['unknown-profile', settings, { known: { 'sync-sidecar.io/inject': 'none' }, live: null }],
  ])(
    'counts as it was last seen where it can not be read, and the log says so: %s',
    async (decision, given, labels) => {
      const { review, lines } = reviewer({}, { namespaces: namespacesOf(labels) });

      expect((await review(request(given))).auditAnnotations).toEqual({ decision });
      expect(lines).toMatchObject([
        {
          level: 'WARNING',
          msg: 'the namespace can not be read: its label counts as it was last seen',
          uid: '705ab4f5',
          namespace: 'shop',
          err: { message: 'no answer' },
        },
        { msg: 'reviewed', reason: decision },
      ]);
    },
  );

  it.each<[string, GivenLabels]>([
    ['a pod would be left alone', { known: {}, live: null }],
    ['nothing is known', {}],
  ])('decides nothing when it can not be read and %s: the failure policy does', async (_case, labels) => {
    const { review, lines } = reviewer({}, { namespaces: namespacesOf(labels) });

    await expect(review(request(settings))).rejects.toMatchObject({
      name: 'UndecidedError',
      message: 'the labels of the namespace shop are not known: no answer',
    });
    expect(lines).toEqual([]);
  });
});

describe('the log of a review', () => {
  const line = { time: expect.any(String), level: 'INFO', msg: 'reviewed', uid: '705ab4f5', namespace: 'shop' };

  it('names the pod, its owner and the decision', async () => {
    const { review, lines } = reviewer();

    await review(request(asking, { dryRun: true }));

    expect(lines).toEqual([
      {
        ...line,
        pod: 'grafana-5d9c-',
        owner: 'ReplicaSet/grafana-5d9c',
        outcome: 'inject',
        reason: 'injected',
        dryRun: true,
      },
    ]);
  });

  it('names a pod of nobody by its name', async () => {
    const { review, lines } = reviewer();

    await review(request({}, { object: { metadata: { name: 'app' }, spec: {} } }));

    expect(lines).toEqual([{ ...line, pod: 'app', outcome: 'admit', reason: 'not-asked', dryRun: false }]);
  });

  it('has no value of an annotation, which may be secret', async () => {
    const { review, text } = reviewer();

    await review(
      request({ ...asking, 'sync-sidecar.io/req-payload': 'hidden', 'sync-sidecar.io/sleep-time': 'hidden' }),
    );

    expect(text()).toContain('invalid-settings');
    expect(text()).not.toContain('hidden');
  });
});
