import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiRequest } from '../../shared/kubernetes/api-client.ts';
import { recordingLog, type LogLine } from '../../test/recording-log.ts';
import type { AccessNeed } from './access-needs.ts';
import { AccessReviews } from './access-reviews.ts';

const account = { namespace: 'shop', name: 'grafana' };
const watched: AccessNeed = {
  resource: 'configmaps',
  namespace: 'shop',
  enough: [['list', 'watch']],
  verbs: ['get', 'list', 'watch'],
};
const named: AccessNeed = { ...watched, name: 'token', enough: [['get'], ['list']] };
const everywhere: AccessNeed = { resource: 'secrets', enough: [['list']], verbs: ['get', 'list'] };

let now: number;
let asked: ApiRequest[];
let lines: LogLine[];
let slept: number[];

beforeEach(() => {
  now = 0;
  asked = [];
  slept = [];
});

/** Asks an API server that answers for each question, `list configmaps token`. */
function reviews(answer: (question: string) => boolean | undefined | Promise<boolean>) {
  const recording = recordingLog();
  ({ lines } = recording);
  const request = async (given: ApiRequest): Promise<unknown> => {
    asked.push(given);
    const { verb, resource, name } = attributesOf(given);
    const allowed = await answer(`${verb} ${resource} ${name}`.trimEnd());
    return { kind: 'SubjectAccessReview', ...(allowed !== undefined && { status: { allowed } }) };
  };
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  return new AccessReviews({ client: { request }, now: () => now, sleep, log: recording.log });
}

function attributesOf({ body }: ApiRequest): Record<string, string> {
  return (body as { spec: { resourceAttributes: Record<string, string> } }).spec.resourceAttributes;
}

describe('the question', () => {
  it('is asked for the user and all groups of the ServiceAccount, with a time limit within that of the review', async () => {
    await reviews(() => true).missing(account, [everywhere]);

    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        timeoutMs: 500,
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: 'system:serviceaccount:shop:grafana',
            groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
            resourceAttributes: {
              group: '',
              version: 'v1',
              resource: 'secrets',
              verb: 'list',
              namespace: '',
              name: '',
            },
          },
        },
      },
    ]);
  });

  it('is asked once for each verb, about a namespace and a name where there are', async () => {
    await reviews(() => true).missing(account, [watched, { ...watched, enough: [['list']] }, named]);

    expect(asked.map(attributesOf).map(({ verb, namespace, name }) => [verb, namespace, name])).toEqual([
      ['list', 'shop', ''],
      ['watch', 'shop', ''],
      ['get', 'shop', 'token'],
      ['list', 'shop', 'token'],
    ]);
  });

  it('is not asked about the needs beyond forty, which count as met', async () => {
    const needs = Array.from({ length: 50 }, (_, index) => ({ ...everywhere, namespace: `n${index}` }));

    expect(await reviews(() => false).missing(account, needs)).toHaveLength(40);
    expect(new Set(asked.map((one) => attributesOf(one).namespace)).size).toBe(40);
  });
});

describe('a need', () => {
  it('is met when all of its verbs are allowed', async () => {
    expect(await reviews(() => true).missing(account, [watched])).toEqual([]);
  });

  it('is missing with the verbs that are not', async () => {
    const access = reviews((question) => question === 'list configmaps');

    expect(await access.missing(account, [everywhere, watched])).toEqual([
      { need: everywhere, refused: ['list'] },
      { need: watched, refused: ['watch'] },
    ]);
  });

  it('is met when one of the ways is allowed, and is missing as the first when none is', async () => {
    expect(await reviews((question) => question === 'list configmaps token').missing(account, [named])).toEqual([]);
    expect(await reviews(() => false).missing(account, [named])).toEqual([{ need: named, refused: ['get'] }]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no answer'))],
    ['has no status', () => undefined],
  ])('counts as met when the answer %s', async (_how, answer) => {
    expect(await reviews(answer).missing(account, [everywhere])).toEqual([]);
  });

  it('is logged when nobody knows', async () => {
    await reviews(() => Promise.reject(new Error('no answer'))).missing(account, [everywhere]);

    expect(lines).toMatchObject([
      { level: 'WARNING', msg: 'could not ask what a ServiceAccount may do', err: { message: 'no answer' } },
    ]);
  });
});

describe('an answer', () => {
  it('counts for a minute when it allows', async () => {
    const access = reviews(() => true);
    await access.missing(account, [everywhere]);
    now = 59_999;
    await access.missing(account, [everywhere]);
    expect(asked).toHaveLength(1);

    now = 60_000;
    await access.missing(account, [everywhere]);
    expect(asked).toHaveLength(2);
  });

  it('that refuses is asked for again after a moment, as the API server may not know the Role yet', async () => {
    const answers = [false, true];
    const access = reviews(() => answers.shift());

    expect(await access.missing(account, [everywhere])).toEqual([]);
    expect([asked.length, slept]).toEqual([2, [200]]);

    await access.missing(account, [everywhere]);
    expect(asked).toHaveLength(2);
  });

  it('counts once when it refuses, or fails: somebody mends that and tries again', async () => {
    const answers = [
      () => false,
      () => false,
      () => Promise.reject<boolean>(new Error('no answer')),
      () => false,
      () => false,
      () => true,
    ];
    const access = reviews(() => answers.shift()?.());

    const found: number[] = [];
    for (let round = 0; round < 4; round++) found.push((await access.missing(account, [everywhere])).length);

    expect(found).toEqual([1, 0, 1, 0]);
  });

  it('is of that account alone', async () => {
    const access = reviews(() => true);

    for (const [namespace, name] of [
      ['shop', 'a'],
      ['shop', 'b'],
      ['x', 'a'],
    ] as const)
      await access.missing({ namespace, name }, [everywhere]);

    expect(asked).toHaveLength(3);
  });

  it('is kept beside at most ten thousand others', async () => {
    const access = reviews(() => true);
    const ask = (...names: number[]): Promise<unknown> =>
      access.missing(
        account,
        names.map((name) => ({ ...everywhere, namespace: `n${name}` })),
      );
    for (let name = 0; name < 10_000; name += 40) await ask(...Array.from({ length: 40 }, (_, index) => name + index));

    await ask(0, 9999);
    expect(asked).toHaveLength(10_000);

    await ask(10_000);
    await ask(0);
    expect(asked).toHaveLength(10_002);
  });

  it('that is under way is waited for by all who want it', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const access = reviews(() => promise);

    const both = Promise.all([access.missing(account, [everywhere]), access.missing(account, [everywhere])]);
    resolve(false);

    expect(await both).toEqual(Array(2).fill([{ need: everywhere, refused: ['list'] }]));
    expect(asked).toHaveLength(2);
  });
});
