import { describe, expect, it } from '@jest/globals';
import { recordingLog } from '../../test/recording-log.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { emptyConfiguration } from '../configuration/configuration.ts';
import type { AccessNeed } from './access-needs.ts';
import type { Account } from './access-reviews.ts';
import { createWorkloadReviewer, type WorkloadReviewerOptions } from './review-workload.ts';

const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

function request(annotations: Record<string, string>, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const spec = { serviceAccountName: 'grafana', containers: [{ name: 'app' }] };
  return {
    uid: '705ab4f5',
    kind: 'Deployment',
    namespace: 'shop',
    operation: 'CREATE',
    object: { metadata: { name: 'grafana' }, spec: { template: { metadata: { annotations }, spec } } },
    dryRun: false,
    ...more,
  };
}

function reviewer(more: Partial<WorkloadReviewerOptions> = {}) {
  const { log, lines, text } = recordingLog();
  const review = createWorkloadReviewer({
    namespaces: { isInContact: true, known: () => ({}), read: () => Promise.resolve({}) },
    configuration: () => emptyConfiguration,
    image: 'example.com/sync-sidecar:1',
    access: null,
    log,
    ...more,
  });
  return { review, lines, text };
}

/** An account that may nothing, and who asked for which. */
function nothingAllowed() {
  const asked: Account[] = [];
  const missing = (account: Account, needs: readonly AccessNeed[]) => {
    asked.push(account);
    return Promise.resolve(needs.map((need) => ({ need, refused: need.enough[0] ?? [] })));
  };
  return { missing, asked };
}

const titled = (line: string): string => `sync-sidecar: Deployment/grafana: ${line}`;

describe('a workload', () => {
  it('is admitted without a word when all is well', async () => {
    expect(await reviewer().review(request(asking))).toEqual({ uid: '705ab4f5', allowed: true });
  });

  it('is admitted with warnings that name it', async () => {
    const { review } = reviewer();

    expect(await review(request({ ...asking, 'sync-sidecar.io/method': 'WACH' }))).toEqual({
      uid: '705ab4f5',
      allowed: true,
      warnings: [
        titled('its pods will be refused: 1 problem with the settings:'),
        titled('  sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?'),
      ],
    });
  });

  it('is told what its ServiceAccount may not do, and what to apply', async () => {
    const access = nothingAllowed();
    const { review } = reviewer({ access });

    const { allowed, warnings } = await review(request(asking));

    expect([allowed, access.asked]).toEqual([true, [{ namespace: 'shop', name: 'grafana' }]]);
    expect(warnings).toEqual([
      titled(
        'the ServiceAccount "grafana" may not list and watch configmaps in namespace "shop", as the sidecar has to; the two objects that follow grant it',
      ),
      expect.stringMatching(/^\{"apiVersion":".*","kind":"Role",/),
      expect.stringMatching(/^\{"apiVersion":".*","kind":"RoleBinding",/),
    ]);
  });

  it('without a ServiceAccount has that of its namespace', async () => {
    const access = nothingAllowed();
    const template = { metadata: { annotations: asking }, spec: { containers: [{ name: 'app' }] } };

    await reviewer({ access }).review(request({}, { object: { metadata: {}, spec: { template } } }));

    expect(access.asked).toEqual([{ namespace: 'shop', name: 'default' }]);
  });

  it.each<[string, Record<string, string>]>([
    ['get no sidecar', { ...asking, 'sync-sidecar.io/inject': 'false' }],
    ['will be refused', { 'sync-sidecar.io/inject': 'true' }],
  ])('whose pods %s is not told what its ServiceAccount may not do', async (_which, annotations) => {
    const access = nothingAllowed();

    await reviewer({ access }).review(request(annotations));

    expect(access.asked).toEqual([]);
  });

  it('is judged by the label that its namespace has now', async () => {
    const read = (name: string) => Promise.resolve({ 'sync-sidecar.io/inject': name === 'shop' ? 'true' : 'false' });
    const { review } = reviewer({ namespaces: { isInContact: true, known: () => ({}), read } });
    const settings = { 'sync-sidecar.io/label': 'a', 'sync-sidecar.io/folder': '/a' };

    expect((await review(request(settings))).warnings).toBeUndefined();
    expect((await review(request(settings, { namespace: 'other' }))).warnings).toHaveLength(1);
  });

  it('is not kept waiting for its namespace, so that there is time for the other questions', async () => {
    const asked: unknown[] = [];
    const read = (...question: unknown[]) => {
      asked.push(question);
      return Promise.resolve({});
    };
    const { review } = reviewer({ namespaces: { isInContact: true, known: () => ({}), read } });

    await review(request(asking));

    expect(asked).toEqual([['shop', 700]]);
  });

  it.each(['ReplicaSet', 'Pod', 'ConfigMap'])('is none: a %s is admitted as it is', async (kind) => {
    const { review, lines } = reviewer();

    const answer = await review(request({ 'sync-sidecar.io/x': '' }, { kind }));

    expect([answer, lines]).toEqual([{ uid: '705ab4f5', allowed: true }, []]);
  });

  it('with values of any length gets warnings of a bearable one', async () => {
    const { review } = reviewer();
    const long = `/${'x'.repeat(4000)}`;

    const { warnings = [] } = await review(
      request({ ...asking, 'sync-sidecar.io/folder': long, 'sync-sidecar.io/script': `${long}/a` }),
    );

    expect(warnings.map(({ length }) => length)).toEqual([1001]);
  });
});

describe('the log of a workload', () => {
  it('names it, and says how much there was to say, without a value of an annotation', async () => {
    const { review, lines, text } = reviewer();

    await review(request({ ...asking, 'sync-sidecar.io/sleep-time': 'hidden' }, { dryRun: true }));

    expect(lines).toEqual([
      {
        time: expect.any(String),
        level: 'INFO',
        msg: 'advised',
        uid: '705ab4f5',
        namespace: 'shop',
        workload: 'Deployment/grafana',
        warnings: 2,
        dryRun: true,
      },
    ]);
    expect(text()).not.toContain('hidden');
  });
});
