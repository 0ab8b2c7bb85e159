import { shorten } from '../../shared/settings/problem.ts';
import { allowed, type AdmissionRequest, type AdmissionResponse } from '../admission-review.ts';
import { namespaceLabelKey } from '../profile-choice.ts';
import type { ReviewerOptions } from '../review.ts';
import { accessNeeds } from './access-needs.ts';
import type { AccessReviews } from './access-reviews.ts';
import { adviceFor, judge, type Judgement } from './advice-for.ts';
import { accessAdvice, type AccessAdvice } from './missing-access.ts';
import { fitWarnings } from './warnings.ts';
import { readWorkload, type Workload } from './workload.ts';

export interface WorkloadReviewerOptions extends ReviewerOptions {
  /** Null: what ServiceAccounts may do isn't asked. */
  readonly access: Pick<AccessReviews, 'missing'> | null;
}

/** Answers admission requests for workloads: every one is admitted as it is, with warnings for whoever applies it. */
export function createWorkloadReviewer(
  options: WorkloadReviewerOptions,
): (request: AdmissionRequest) => Promise<AdmissionResponse> {
  return async (request) => {
    const workload = readWorkload(request);
    if (!workload) return allowed(request);
    const warnings = await warningsFor(workload, request, options);
    const { uid, namespace, dryRun } = request;
    options.log.info({ uid, namespace, workload: workload.title, warnings: warnings.length, dryRun }, 'advised');
    return allowed(request, warnings.length > 0 ? { warnings } : {});
  };
}

async function warningsFor(
  workload: Workload,
  { namespace }: AdmissionRequest,
  options: WorkloadReviewerOptions,
): Promise<string[]> {
  const { namespaces, configuration, image } = options;
  // Read, as it may have been labelled a moment ago: workloads come seldom, and nothing waits for them.
  const labels = await namespaces.read(namespace, longestReadMs);
  const namespaceLabel = labels[namespaceLabelKey];
  const judgement = judge(workload, { namespace, namespaceLabel, configuration: configuration(), image });
  // kubectl prints a warning without a word about the object, and each text once.
  const titled = (line: string): string => shorten(`sync-sidecar: ${workload.title}: ${line}`);
  const access = await adviceOnAccess(workload, judgement, { namespace, access: options.access });
  const groups = [
    ...adviceFor(workload, judgement).map((line) => [titled(line)]),
    ...access.map(({ line, objects }) => [titled(line), ...objects]),
  ];
  return fitWarnings(groups, `sync-sidecar: ${workload.title}`);
}

async function adviceOnAccess(
  { title, serviceAccount: name }: Workload,
  { settings }: Judgement,
  { namespace, access }: Pick<WorkloadReviewerOptions, 'access'> & { namespace: string },
): Promise<AccessAdvice[]> {
  if (!access || !settings) return [];
  const account = { namespace, name };
  const needs = accessNeeds(settings, namespace);
  return accessAdvice({ title, account, needs, missing: await access.missing(account, needs) });
}

// Of the 2 s that the API server gives the whole review; 1.2 are for the questions about access.
const longestReadMs = 700;
