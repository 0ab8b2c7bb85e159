import type { Logger } from '../shared/log.ts';
import {
  allowed,
  denied,
  patched,
  type AdmissionRequest,
  type AdmissionResponse,
  type Refusal,
} from './admission-review.ts';
import type { Configuration } from './configuration.ts';
import { decide, namespaceLabelKey, type Decision } from './decision.ts';
import type { Labels } from './namespaces.ts';
import type { Pod } from './pod.ts';

export interface ReviewerOptions {
  readonly namespaceLabels: (namespace: string) => Promise<Labels>;
  readonly configuration: () => Configuration;
  readonly image: string;
  readonly log: Logger;
}

/** Answers admission requests for pods; what isn't the creation of a pod is admitted as it is. */
export function createReviewer(options: ReviewerOptions): (request: AdmissionRequest) => Promise<AdmissionResponse> {
  const { namespaceLabels, configuration, image, log } = options;
  return async (request) => {
    if (request.kind.kind !== 'Pod' || request.operation !== 'CREATE') return allowed(request);
    const labels = await namespaceLabels(request.namespace);
    const pod = request.object as Pod;
    const namespaceLabel = labels[namespaceLabelKey];
    const decision = decide(pod, { namespaceLabel, configuration: configuration(), image });
    log.info(factsOf(request, decision), 'reviewed');
    return respond(request, decision);
  };
}

function respond(request: AdmissionRequest, decision: Decision): AdmissionResponse {
  const auditAnnotations = { decision: decision.reason };
  switch (decision.outcome) {
    case 'admit':
      return allowed(request, { auditAnnotations });
    case 'inject':
      return patched(request, decision.operations, { auditAnnotations });
    case 'refuse':
      return denied(request, decision.message, { ...invalid, auditAnnotations });
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
