import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { AccessNeed, Verb } from './access-needs.ts';

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** A need that is not met, and the verbs of it that are refused. */
export interface MissingAccess {
  readonly need: AccessNeed;
  readonly refused: readonly Verb[];
}

export interface AccessReviewsOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: Logger;
}

/** Asks the API server what ServiceAccounts may do. What it doesn't answer in time counts as allowed: this only advises. */
export class AccessReviews {
  readonly #options: AccessReviewsOptions;
  /** Until when a permission is taken for granted. What is refused is asked again: the person who was told grants it and tries again. */
  readonly #allowed = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(options: AccessReviewsOptions) {
    this.#options = options;
  }

  /** The needs of `account` that its permissions don't meet. */
  async missing(account: Account, needs: readonly AccessNeed[]): Promise<MissingAccess[]> {
    const questions = questionsAbout(account, needs).slice(0, mostQuestions);
    const answers = await Promise.all(questions.map((question) => this.#isAllowed(question)));
    const refused = new Set(questions.filter((_question, index) => !answers[index]).map(keyOf));
    return needs.flatMap((need) => {
      const refusals = need.enough.map((verbs) => verbs.filter((verb) => refused.has(keyOf({ account, need, verb }))));
      const [first = []] = refusals;
      return refusals.some(({ length }) => length === 0) ? [] : [{ need, refused: first }];
    });
  }

  /** One request at a time for the same question. */
  #isAllowed(question: Question): Promise<boolean> {
    const key = keyOf(question);
    if ((this.#allowed.get(key) ?? 0) > this.#options.now()) return Promise.resolve(true);
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const answer = this.#ask(question).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, answer);
    return answer;
  }

  async #ask(question: Question): Promise<boolean> {
    const { now, sleep, log } = this.#options;
    try {
      const first = await this.#answer(question);
      if (first === false) await sleep(untilAskedAgainMs);
      const last = first === false ? await this.#answer(question) : first;
      if (last === true) this.#keep(keyOf(question), now());
      return last !== false;
    } catch (err) {
      log.warn({ err }, 'could not ask what a ServiceAccount may do');
      return true;
    }
  }

  async #answer(question: Question): Promise<boolean | undefined> {
    const answer = await this.#options.client.request({ ...reviewOf(question), timeoutMs });
    return (answer as { status?: { allowed?: boolean } }).status?.allowed;
  }

  #keep(key: string, now: number): void {
    if (this.#allowed.size >= mostKept) this.#allowed.clear();
    this.#allowed.set(key, now + keptMs);
  }
}

// All questions are asked at the same time. Two answers and the time between are well within the 1.3 s that reading the namespace leaves
// of the 2 s that the API server gives the whole review.
const timeoutMs = 500;
// What refuses is asked again: the API server judges by a watch, and may not know the Role yet that stood before the workload in the file.
const untilAskedAgainMs = 200;
// Long enough for everything that one `kubectl apply` sends, short enough that a permission taken away is told soon.
const keptMs = 60_000;
// Some hundred bytes each.
const mostKept = 10_000;
// A template may name any number of namespaces, and each question is a request; the needs beyond count as met.
const mostQuestions = 40;

interface Question {
  readonly account: Account;
  readonly need: AccessNeed;
  readonly verb: Verb;
}

function questionsAbout(account: Account, needs: readonly AccessNeed[]): Question[] {
  const questions = needs.flatMap((need) => need.enough.flat().map((verb) => ({ account, need, verb })));
  return [...new Map(questions.map((question) => [keyOf(question), question])).values()];
}

function keyOf({ account, need: { namespace, resource, name }, verb }: Question): string {
  return JSON.stringify([account.namespace, account.name, namespace, verb, resource, name]);
}

/**
 * The user and the groups of a ServiceAccount's token.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
 */
function reviewOf({ account, need: { namespace, resource, name }, verb }: Question) {
  const group = 'system:serviceaccounts';
  return {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${account.namespace}:${account.name}`,
        groups: [group, `${group}:${account.namespace}`, 'system:authenticated'],
        // Empty: all namespaces, all objects. A list by the field metadata.name counts as one of that object.
        resourceAttributes: { group: '', version: 'v1', resource, verb, namespace: namespace ?? '', name: name ?? '' },
      },
    },
  } as const;
}
