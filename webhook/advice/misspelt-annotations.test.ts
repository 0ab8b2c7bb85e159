import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findMisspelt, ourName, resemblesOurs, speaksOfUs } from './misspelt-annotations.ts';

const manifest = join(import.meta.dirname, '../../manifests/base/validating-webhook-configuration.yaml');

describe('a misspelt annotation', () => {
  it('is one that the API server sends us: the matchConditions look for the same expression', () => {
    const expressions = [...readFileSync(manifest, 'utf8').matchAll(/matches\('(.*?)'\)/g)].map(([, source]) => source);

    expect(expressions).toEqual(Array(2).fill(ourName.source));
  });

  it('is none of those that are far from every name of ours, or right', () => {
    const annotations = {
      'sync-sidecar.io/label': 'a',
      'b.sync-sidecar.io/lable': 'b',
      'example.com/sync-sidecar-mode': 'c',
      'sync-sidecar': 'd',
      'sidecar.example/inject': 'e',
    };

    expect(findMisspelt(annotations, speaksOfUs)).toEqual(new Map());
  });

  it.each([
    ['sync-sidcar.io/inject', 'sync-sidecar.io/inject'],
    ['Sync-Sidecar.io/inject', 'sync-sidecar.io/inject'],
    ['sidecar-sync.io/label', 'sync-sidecar.io/label'],
    ['a.sync-sidecra.io/folder', 'a.sync-sidecar.io/folder'],
    ['synk-sidecar.io/lable', 'sync-sidecar.io/label'],
    ['sync-sidecar/inject', 'sync-sidecar.io/inject'],
  ])('is found in a domain like ours too, by who sees all annotations: %s', (key, nearest) => {
    const annotations = { 'sync-sidecar.io/syncs': 'a', [key]: 'x' };

    expect(findMisspelt(annotations, resemblesOurs)).toEqual(new Map([[key, nearest]]));
  });

  it.each(['sidecar.istio.io/inject', 'example.com/inject', 'sync.io/label', 'inject', 'io/label'])(
    'is none in another domain, whoever sees it: %s',
    (key) => {
      expect(findMisspelt({ [key]: 'x' }, resemblesOurs)).toEqual(new Map());
    },
  );
});
