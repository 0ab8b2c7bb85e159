import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Narrator } from './narrator.ts';

/** Prints what differs between two pods as a diff of their YAML, without what changes from pod to pod. */
export function printPodDiff(before: object, after: object, narrator: Narrator): void {
  const { hunks } = structuredPatch('before', 'after', podYaml(before), podYaml(after), undefined, undefined, {
    context: 2,
  });
  if (hunks.length === 0) narrator.line('  nothing');
  for (const { lines } of hunks) {
    for (const line of lines) {
      if (line.startsWith('+')) narrator.added(`  ${line}`);
      else if (line.startsWith('-')) narrator.removed(`  ${line}`);
      else narrator.line(`  ${line}`);
    }
    narrator.line('  …');
  }
}

interface AnyPod {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

function podYaml(pod: object): string {
  const { metadata, spec } = pod as AnyPod;
  const { 'pod-template-hash': _hash, ...labels } = metadata.labels ?? {};
  // The two pods differ in this one on purpose: the one before is a dry run with "false".
  const annotations = { ...metadata.annotations, 'sync-sidecar.io/inject': 'true' };
  const { nodeName: _node, ...lasting } = spec;
  const yaml = stringify({ metadata: { labels, annotations }, spec: lasting }, { lineWidth: 0 });
  return yaml.replaceAll(/kube-api-access-\w+/g, 'kube-api-access-…');
}
