import { describe, expect, it } from '@jest/globals';
import { imageName, isAllowedImage } from './image.ts';

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

describe('a prefix of images', () => {
  it.each<[string, string[]]>([
    [
      'registry.example.com/team',
      [
        'registry.example.com/team',
        'registry.example.com/team:1',
        `registry.example.com/team@${digest}`,
        'registry.example.com/team/sync-sidecar:1',
      ],
    ],
    ['registry.example.com/', ['registry.example.com/a', 'registry.example.com/a/b:1']],
    ['registry.example.com', ['registry.example.com/a']],
    ['registry.example.com:5000', ['registry.example.com:5000/a']],
    ['registry.example.com/sync-sidecar:', ['registry.example.com/sync-sidecar:1']],
    ['registry.example.com/sync-sidecar@', [`registry.example.com/sync-sidecar@${digest}`]],
    [
      'registry.example.com/sync-sidecar:1',
      ['registry.example.com/sync-sidecar:1', `registry.example.com/sync-sidecar:1@${digest}`],
    ],
  ])('allows what is below it: %s', (prefix, images) => {
    expect(images.filter((image) => !isAllowedImage(image, ['other.example.com', prefix]))).toEqual([]);
  });

  it.each<[string, string[]]>([
    [
      'registry.example.com/team',
      [
        'registry.example.com/team-evil',
        'registry.example.com/team.evil/a',
        'registry.example.com/teams',
        'team',
        'docker.io/registry.example.com/team',
      ],
    ],
    [
      'registry.example.com',
      ['registry.example.com.evil.org/a', 'registry.example.com:5000/a', 'registry.example.community/a'],
    ],
    ['registry.example.com:', ['registry.example.com:5000/a']],
    ['registry.example.com:50', ['registry.example.com:5000/a']],
    [
      'registry.example.com/sync-sidecar:1',
      ['registry.example.com/sync-sidecar:10', 'registry.example.com/sync-sidecar:1.1'],
    ],
    ['', ['registry.example.com/a']],
  ])('allows nothing beside it: %s', (prefix, images) => {
    expect(images.filter((image) => isAllowedImage(image, [prefix]))).toEqual([]);
  });

  it('is needed', () => {
    expect(isAllowedImage('sync-sidecar', [])).toBe(false);
  });
});
