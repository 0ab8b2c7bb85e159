import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findMisspelt, speaksOfUs } from './misspelt-annotations.ts';

const manifest = join(import.meta.dirname, '../../manifests/base/validating-webhook-configuration.yaml');

describe('a misspelt annotation', () => {
  it('is one that the API server sends us: the matchConditions look for the same expression', () => {
    const expressions = [...readFileSync(manifest, 'utf8').matchAll(/matches\('(.*?)'\)/g)].map(([, source]) => source);

    expect(expressions).toEqual(Array(4).fill(speaksOfUs.source));
  });

  it('is none of those that are far from every name of ours, or right', () => {
    const annotations = {
      'sync-sidecar.io/label': 'a',
      'b.sync-sidecar.io/lable': 'b',
      'example.com/sync-sidecar-mode': 'c',
      'sync-sidecar': 'd',
      'sidecar.example/inject': 'e',
    };

    expect(findMisspelt(annotations)).toEqual(new Map());
  });
});
