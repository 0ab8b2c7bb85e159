import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, type Operation } from 'fast-json-patch';
import { parse, stringify } from 'yaml';
import { inOneLine } from '../../shared/settings/problem.ts';
import type { AdmissionRequest, AdmissionResponse } from '../../webhook/admission-review.ts';
import { emptyConfiguration as configuration } from '../../webhook/configuration.ts';
import type { Pod } from '../../webhook/pod.ts';
import { render } from '../../webhook/render/render.ts';
import { createReviewer } from '../../webhook/review.ts';
import { recordingLog } from '../recording-log.ts';
import { arbitraryPod } from './arbitrary-pod.ts';

const image = 'example.com/sync-sidecar:1';
const namespace = 'x';
const namespaceLabelKey = 'sync-sidecar.io/inject';

/** The answer of the webhook to the creation of a pod. */
async function reviewed(pod: Pod, label: string | undefined): Promise<AdmissionResponse> {
  const labels = label === undefined ? {} : { [namespaceLabelKey]: label };
  const namespaces = { isInContact: true, known: () => labels, read: () => Promise.resolve(labels) };
  const review = createReviewer({ namespaces, configuration: () => configuration, image, log: recordingLog().log });
  const request: AdmissionRequest = {
    uid: '1',
    kind: 'Pod',
    namespace,
    operation: 'CREATE',
    object: pod as Record<string, unknown>,
    dryRun: false,
  };
  return review(request);
}

/** The pod as the API server would have it after the answer, or why it would not take it. */
function admitted(pod: Pod, { status, patch }: AdmissionResponse): unknown {
  if (status) return status.message;
  const operations = JSON.parse(Buffer.from(patch ?? '', 'base64').toString() || '[]') as Operation[];
  return applyPatch(structuredClone(pod), operations, true).newDocument;
}

/** The same of what is rendered: alone, or as the template of a Job. */
function renderedPod(pod: Pod, namespaceLabel: string | undefined, isTemplate: boolean): unknown {
  const manifest = isTemplate ? { kind: 'Job', spec: { template: pod } } : { kind: 'Pod', ...pod };
  const text = stringify(manifest, { version: '1.1', aliasDuplicateObjects: false });
  const result = render(text, { namespace, namespaceLabel, configuration, image });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  if (result.text === null) return inOneLine(result.remarks[0]?.replace(/^.*?: refused \([a-z-]+\): /, '') ?? '');
  const read = parse(result.text, { version: '1.1' }) as { kind?: string; spec: { template: unknown } };
  if (isTemplate) return read.spec.template;
  const { kind: _, ...rest } = read;
  return rest;
}

describe('what is rendered', () => {
  it('is what the webhook does to the same pod, and the refusal is its refusal', async () => {
    const cases = fc.asyncProperty(
      arbitraryPod(),
      fc.constantFrom(undefined, 'true', 'default', 'false', 'none'),
      fc.boolean(),
      async (pod, label, isTemplate) => {
        const expected = admitted(pod, await reviewed(pod, label));
        expect(renderedPod(pod, label, isTemplate)).toEqual(expected);
      },
    );
    // Seconds; `npm run fuzz` takes more.
    await fc.assert(cases, { numRuns: 200 });
  });
});
