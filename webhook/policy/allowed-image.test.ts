import { describe, expect, it } from '@jest/globals';
import { imagePrefix, isAllowedImage } from './allowed-image.ts';

const digest = `sha256:${'0123abcd'.repeat(8)}`;

describe('a path of a registry', () => {
  const prefixes = ['registry.example.com/team'];

  it.each([
    'registry.example.com/team',
    'registry.example.com/team:1',
    `registry.example.com/team@${digest}`,
    `registry.example.com/team:v1.2_x-3@${digest}`,
    'registry.example.com/team/sync-sidecar',
    'registry.example.com/team/a/b__c/d.e:latest',
  ])('allows %s', (image) => {
    expect(isAllowedImage(image, prefixes)).toBe(true);
  });

  it.each([
    'registry.example.com/team-evil/app',
    'registry.example.com/team-evil',
    'registry.example.com/teamevil:1',
    'registry.example.com/team.evil/app',
    'registry.example.com/team_evil',
    'registry.example.com/tea',
    'registry.example.com/team/../evil',
    'registry.example.com/team//evil',
    'registry.example.com/team/',
    'registry.example.com/team:',
    'registry.example.com/team:1/evil',
    'registry.example.com/team:5000/evil',
    'registry.example.com/team@evil.example/app',
    'registry.example.com/team/app\n',
    'registry.example.com/team/app evil',
    'registry.example.com/team/аpp',
    ' registry.example.com/team',
    'REGISTRY.example.com/team',
    'registry.example.com/Team',
    'evil.example/registry.example.com/team',
    'https://registry.example.com/team',
  ])('does not allow %j', (image) => {
    expect(isAllowedImage(image, prefixes)).toBe(false);
  });
});

describe('a registry', () => {
  it('allows what lies in it', () => {
    expect(isAllowedImage('registry.example.com/a/b:1', ['registry.example.com'])).toBe(true);
    expect(isAllowedImage('registry.example.com:5000/a', ['registry.example.com:5000'])).toBe(true);
    expect(isAllowedImage('[fd00::1]:5000/a:1', ['[fd00::1]:5000'])).toBe(true);
  });

  it.each([
    'registry.example.com:5000/a',
    'registry.example.com:5000',
    'registry.example.com.evil.example/a',
    'registry.example.com',
    'registry.example.com@evil/a',
  ])('does not allow what may lie in another one: %s', (image) => {
    expect(isAllowedImage(image, ['registry.example.com'])).toBe(false);
  });
});

it('no prefix allows no image', () => {
  expect(isAllowedImage('a', [])).toBe(false);
});

describe('a prefix', () => {
  it.each([
    ['registry.example.com', 'registry.example.com'],
    ['registry.example.com/', 'registry.example.com'],
    ['registry.example.com:5000/team/', 'registry.example.com:5000/team'],
    ['docker.io/library/busybox', 'docker.io/library/busybox'],
    ['grafana', 'grafana'],
    ['[fd00::1]:5000/team', '[fd00::1]:5000/team'],
  ])('may be %s', (given, parsed) => {
    expect(imagePrefix.parse(given)).toBe(parsed);
  });

  it.each(['', '/', '*', 'https://a', 'a:1/b:2', 'a/b:1', 'a/b@sha256:1', 'a//b', 'a/..', 'a b', 'a/B', 'a/*'])(
    'may not be "%s"',
    (given) => {
      expect(imagePrefix.parse(given)).toBeUndefined();
    },
  );
});
