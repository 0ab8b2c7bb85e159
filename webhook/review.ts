import { errorMessage } from '../shared/error-message.ts';
import type { Logger } from '../shared/log/log.ts';
import { inOneLine } from '../shared/settings/problem.ts';
import { allowed, denied, patched, type AdmissionRequest, type AdmissionResponse } from './admission-review.ts';
import { podWarnings, type DecidedPod } from './advice/pod-warnings.ts';
import type { Configuration } from './configuration/configuration.ts';
import { decideByItself, decideByPlatform, type Decision } from './decision.ts';
import { noMeter, type Meter } from './metrics/meter.ts';
import type { Labels, NamespaceLabels } from './namespaces.ts';
import { namespaceLabelKey } from './profile-choice.ts';
import { UndecidedError } from './undecided-error.ts';

export interface ReviewerOptions {
  readonly namespaces: NamespaceLabels;
  readonly configuration: () => Configuration;
  readonly image: string;
  readonly meter?: Pick<Meter, 'decided'>;
  readonly log: Logger;
}

/** Answers admission requests for pods; what isn't the creation of a pod is admitted as it is. */
export function createReviewer(options: ReviewerOptions): (request: AdmissionRequest) => Promise<AdmissionResponse> {
  const { meter = noMeter, log } = options;
  return async (request) => {
    if (request.kind !== 'Pod' || request.operation !== 'CREATE') return allowed(request);
    const decided = await decideRequest(request, options);
    const { decision } = decided;
    log.info(factsOf(request, decision), 'reviewed');
    meter.decided(decision, request);
    return respond(request, decision, podWarnings(request, decided));
  };
}

/**
 * Decides by the labels that are known of the namespace. But no pod may run without its sidecar, or be refused, because that knowledge
 * is late: where nothing is known (`kubectl apply` of a namespace and its pods), while the watch is interrupted, and unless the pod is
 * injected, the namespace is read. That is rare: a pod comes to us only with annotations of ours, or because its namespace asks.
 */
async function decideRequest(request: AdmissionRequest, options: ReviewerOptions): Promise<DecidedPod> {
  const byItself = decideByItself(request.object);
  if (byItself) return { decision: byItself };
  const { namespaces, image } = options;
  const configuration = options.configuration();
  const decideWith = (labels: Labels): DecidedPod => {
    const { namespace, object } = request;
    const deciding = { namespace, namespaceLabel: labels[namespaceLabelKey], configuration, image };
    return { decision: decideByPlatform(object, deciding), options: deciding };
  };
  const known = namespaces.known(request.namespace);
  const decided = known && decideWith(known);
  if (decided && givesSidecar(decided.decision) && namespaces.isInContact) return decided;
  const read = await readLabels(request.namespace, namespaces);
  if ('labels' in read) return decideWith(read.labels);
  return decidedUnread(request, { decided, cause: read.cause, log: options.log });
}

function givesSidecar({ reason }: Decision): boolean {
  return reason === 'injected' || reason === 'already-injected';
}

async function readLabels(
  namespace: string,
  namespaces: NamespaceLabels,
): Promise<{ labels: Labels } | { cause: unknown }> {
  try {
    return { labels: await namespaces.read(namespace) };
  } catch (cause) {
    return { cause };
  }
}

interface Unread {
  /** By what is known of the namespace, if anything is. */
  readonly decided: DecidedPod | undefined;
  readonly cause: unknown;
  readonly log: Logger;
}

/** Where the namespace can't be read, what is known of it counts; but not that it doesn't ask. */
function decidedUnread({ uid, namespace }: AdmissionRequest, { decided, cause, log }: Unread): DecidedPod {
  if (decided && decided.decision.reason !== 'not-asked') {
    log.warn({ err: cause, uid, namespace }, 'the namespace can not be read: its label counts as it was last seen');
    return decided;
  }
  const why = errorMessage(cause);
  throw new UndecidedError(`the labels of the namespace ${namespace} are not known: ${why}`, { cause });
}

function respond(request: AdmissionRequest, decision: Decision, warnings: string[]): AdmissionResponse {
  const remarks = { auditAnnotations: { decision: decision.reason }, ...(warnings.length > 0 && { warnings }) };
  switch (decision.outcome) {
    case 'admit':
      return allowed(request, remarks);
    case 'inject':
      return patched(request, decision.operations, remarks);
    case 'refuse':
      return denied(request, inOneLine(decision.message), remarks);
  }
}

/** A pod of a controller has no name yet; its owner tells whose it is. No annotation values: they may be secret. */
function factsOf({ uid, namespace, object, dryRun }: AdmissionRequest, { outcome, reason }: Decision): object {
  const metadata = (object.metadata ?? {}) as {
    name?: string;
    generateName?: string;
    ownerReferences?: { kind: string; name: string }[];
  };
  const [owner] = metadata.ownerReferences ?? [];
  const pod = metadata.name ?? metadata.generateName;
  return { uid, namespace, pod, owner: owner && `${owner.kind}/${owner.name}`, outcome, reason, dryRun };
}
