import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, type Operation } from 'fast-json-patch';
import { Document, parse, visit } from 'yaml';
import { inOneLine } from '../../shared/settings/problem.ts';
import type { AdmissionRequest, AdmissionResponse } from '../../webhook/admission-review.ts';
import { emptyConfiguration as configuration } from '../../webhook/configuration/configuration.ts';
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
function renderedPod(pod: Pod, namespaceLabel: string | undefined, { isTemplate, write }: Writing): unknown {
  const result = render(write(isTemplate ? jobOf(pod) : { kind: 'Pod', ...pod }), {
    namespace,
    namespaceLabel,
    configuration,
    image,
  });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  if (result.text === null) return inOneLine(result.remarks[0]?.replace(/^.*?: refused \([a-z-]+\): /, '') ?? '');
  const read = parse(result.text, { version: '1.1' }) as { kind?: string; spec: { template: unknown } };
  if (isTemplate) return read.spec.template;
  const { kind: _, ...rest } = read;
  return rest;
}

interface Writing {
  readonly isTemplate: boolean;
  readonly write: (manifest: object) => string;
}

function jobOf(template: Pod): object {
  return { kind: 'Job', spec: { template } };
}

/** YAML as people write it: here and there in braces, with comments, with either line end. */
function arbitraryWriting(inBraces = someTimes()): fc.Arbitrary<Writing> {
  const choices = fc.record({
    inBraces,
    commented: someTimes(),
    indentSeq: fc.boolean(),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    isTemplate: fc.boolean(),
  });
  return choices.map(({ isTemplate, ...style }) => ({ isTemplate, write: (manifest) => written(manifest, style) }));
}

function someTimes(): fc.Arbitrary<boolean[]> {
  return fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
}

interface WritingStyle {
  readonly inBraces: readonly boolean[];
  readonly commented: readonly boolean[];
  readonly indentSeq: boolean;
  readonly lineEnd: string;
}

function written(manifest: object, { inBraces, commented, indentSeq, lineEnd }: WritingStyle): string {
  const document = new Document(manifest, { version: '1.1', aliasDuplicateObjects: false });
  let at = 0;
  visit(document, {
    Collection: (_key, node) => {
      if (node !== document.contents) node.flow = node.items.length === 0 || inBraces[at++ % inBraces.length]!;
    },
  });
  const plain = document.toString({ indentSeq, lineWidth: 60 });
  const text = withComments(plain, commented);
  // What looked like a line of its own may have been one of a longer text.
  return (isDeepStrictEqual(parse(text, yaml11), manifest) ? text : plain).replaceAll('\n', lineEnd);
}

const yaml11 = { version: '1.1' } as const;

function withComments(text: string, commented: readonly boolean[]): string {
  const lines = text.trimEnd().split('\n');
  return lines
    .map((line, index) => {
      if (!commented[index % commented.length]) return `${line}\n`;
      const [spaces] = /^ */.exec(line) ?? [];
      return /: \w+$|[:\]}]$/.test(line) ? `${line} # why\n` : `${spaces}# what\n${line}\n${spaces}  # and more\n`;
    })
    .join('');
}

/** Lines that are missing in a text, or are there in another order. */
function lostLines(before: readonly string[], later: string): string[] {
  const lines = [...before];
  for (const line of later.split('\n')) if (line === lines[0]) lines.shift();
  return lines;
}

describe('what is rendered', () => {
  it('is what the webhook does to the same pod, and the refusal is its refusal', async () => {
    const cases = fc.asyncProperty(
      arbitraryPod(),
      fc.constantFrom(undefined, 'true', 'default', 'false', 'none'),
      arbitraryWriting(),
      async (pod, label, writing) => {
        const expected = admitted(pod, await reviewed(pod, label));
        expect(renderedPod(pod, label, writing)).toEqual(expected);
      },
    );
    // Seconds; `npm run fuzz` takes more.
    await fc.assert(cases, { numRuns: 200 });
  });

  it('has every line that was there, as it was there', () => {
    const inLines = arbitraryWriting(fc.constant([false]));
    const cases = fc.property(arbitraryPod(), inLines, (pod, { isTemplate, write }) => {
      const text = write(isTemplate ? jobOf(pod) : { kind: 'Pod', ...pod });
      const result = render(text, { namespace, namespaceLabel: 'true', configuration, image });
      // Nothing may become something, and our own status another one.
      const kept = text.split('\n').filter((line) => !/(?:\[\]|\{\}|null|~)\s*(?:#.*)?\s*$|\/status/.test(line));
      if ('text' in result && result.text !== null) expect(lostLines(kept, result.text)).toEqual([]);
    });
    fc.assert(cases, { numRuns: 50 });
  });
});
