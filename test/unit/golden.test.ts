import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfiguration } from '../../webhook/configuration/configuration.ts';
import { decide } from '../../webhook/decision.ts';
import type { Pod } from '../../webhook/pod.ts';

const golden = join(import.meta.dirname, 'golden');
const pairs = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function read(...path: string[]): string {
  return readFileSync(join(golden, ...path), 'utf8');
}

/** The label of the pair's namespace, where it has one. */
function namespaceLabel(pair: string): string | undefined {
  if (!existsSync(join(golden, pair, 'namespace.yaml'))) return undefined;
  const { metadata } = parse(read(pair, 'namespace.yaml')) as { metadata: { labels: Record<string, string> } };
  return metadata.labels['sync-sidecar.io/inject'];
}

describe('a golden pair, written by hand', () => {
  const { configuration } = parseConfiguration(read('configuration.yaml'), 'configuration.yaml');

  it.each(pairs)('%s: the pod gets the patch', (pair) => {
    const pod = parse(read(pair, 'pod.yaml')) as Pod;

    const decision = decide(pod, {
      namespace: 'x',
      namespaceLabel: namespaceLabel(pair),
      configuration: configuration!,
      image: 'example.com/sync-sidecar:1',
    });

    const operations: unknown = parse(read(pair, 'patch.yaml'));
    expect(decision).toEqual({ outcome: 'inject', reason: 'injected', operations });
  });
});
