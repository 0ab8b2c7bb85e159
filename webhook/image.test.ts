import { describe, expect, it } from '@jest/globals';
import { imageName } from './image.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('the name of an image', () => {
  it.each([
    'sync-sidecar',
    'sync-sidecar:1.0.0',
    `sync-sidecar@${digest}`,
    `registry.example.com:5000/team/sync__side.car-x:1@${digest}`,
    'localhost/sync-sidecar',
    '[fd00::1]:5000/sync-sidecar:latest',
    'Registry.example.com/sync-sidecar',
    ' sync-sidecar:1 ',
  ])('is accepted: %s', (given) => {
    expect(imageName.parse(given)).toBe(given.trim());
  });

  it.each([
    'Sync-Sidecar',
    'a b',
    'https://example.com/image',
    'image:',
    'image:-1',
    'image@sha256:abc',
    '/image',
    'image/',
    'a//b',
    'a/../b',
    '-image',
    'example.com:port/image',
    'a'.repeat(256),
    `image:${'1'.repeat(129)}`,
    '$(IMAGE)',
  ])('is refused: %s', (given) => {
    expect(imageName.parse(given)).toBeUndefined();
  });
});
