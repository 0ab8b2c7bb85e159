import type { Logger } from '../shared/log/log.ts';
import { inOneLine } from '../shared/settings/problem.ts';
import {
  allowed,
  denied,
  patched,
  type AdmissionRequest,
  type AdmissionResponse,
  type Refusal,
} from './admission-review.ts';
import type { Configuration } from './configuration.ts';
import { decide, type Decision } from './decision.ts';
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
    if (request.kind.kind !== 'Pod' || request.operation !== 'CREATE') return allowed(request);
    const decision = await decideRequest(request, options);
    log.info(factsOf(request, decision), 'reviewed');
    meter.decided(decision, request);
    return respond(request, decision);
  };
}

/**
 * Decides by the labels that are known of the namespace. But no pod may run without its sidecar because that knowledge is late:
 * before a pod is left alone as one that did not ask, or refused for a profile that there is not or that isn't for it, or when nothing is known
 * (`kubectl apply` of a namespace and its pods), the namespace is read. That is rare: a pod comes to us only with annotations of ours, or because its namespace asks.
 */
async function decideRequest(request: AdmissionRequest, options: ReviewerOptions): Promise<Decision> {
  const { namespaces, image } = options;
  const configuration = options.configuration();
  const decideWith = (labels: Labels): Decision =>
    decide(request.object, {
      namespace: request.namespace,
      namespaceLabel: labels[namespaceLabelKey],
      configuration,
      image,
    });
  const known = namespaces.known(request.namespace);
  const decision = known && decideWith(known);
  if (decision && !['not-asked', 'unknown-profile', 'policy'].includes(decision.reason)) return decision;
  return decideWith(await readLabels(request.namespace, namespaces));
}

async function readLabels(namespace: string, namespaces: ReviewerOptions['namespaces']): Promise<Labels> {
  try {
    return await namespaces.read(namespace);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UndecidedError(`the labels of the namespace ${namespace} are not known: ${why}`, { cause });
  }
}

function respond(request: AdmissionRequest, decision: Decision): AdmissionResponse {
  const auditAnnotations = { decision: decision.reason };
  switch (decision.outcome) {
    case 'admit':
      return allowed(request, { auditAnnotations });
    case 'inject':
      return patched(request, decision.operations, { auditAnnotations });
    case 'refuse':
      return denied(request, inOneLine(decision.message), { ...invalid, auditAnnotations });
  }
}

const invalid: Refusal = { code: 422, reason: 'Invalid' };

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
