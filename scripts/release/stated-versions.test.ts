import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { sectionsOf } from './changelog.ts';
import { statedVersions } from './stated-versions.ts';

const root = join(import.meta.dirname, '../..');

it('a checkout says its version in the packages, the chart, and the images of the manifests', () => {
  using scratch = scratchFolder();
  const files = {
    'package.json': '{ "version": "0.1.0" }',
    'package-lock.json': '{ "version": "0.1.1" }',
    'manifests/chart/Chart.yaml': 'name: sync-sidecar\nversion: 0.1.2\nappVersion: "0.1.3"\n',
    'manifests/chart/values.yaml': 'image: sync-sidecar-webhook:9\n',
    'manifests/base/deployment.yaml':
      'image: sync-sidecar-webhook:0.1.4\nvalue: sync-sidecar:0.1.5\nimage: busybox:1\n',
    'manifests/examples/deep/manual.yaml': 'image: registry.example.com/team/sync-sidecar:0.1.6-rc.1\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
    writeFileSync(join(scratch.path, path), text);
  }

  expect(statedVersions(scratch.path)).toEqual([
    { place: 'package.json: version', version: '0.1.0' },
    { place: 'package-lock.json: version', version: '0.1.1' },
    { place: 'manifests/chart/Chart.yaml: version', version: '0.1.2' },
    { place: 'manifests/chart/Chart.yaml: appVersion', version: '0.1.3' },
    { place: 'manifests/base/deployment.yaml: image sync-sidecar-webhook', version: '0.1.4' },
    { place: 'manifests/base/deployment.yaml: image sync-sidecar', version: '0.1.5' },
    { place: 'manifests/examples/deep/manual.yaml: image sync-sidecar', version: '0.1.6-rc.1' },
  ]);
});

it('this checkout says one version everywhere, and the changelog begins with it or with what comes after it', () => {
  const versions = new Set(statedVersions(root).map(({ version }) => version));
  const [newest] = sectionsOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));

  expect(versions.size).toBe(1);
  expect([...versions, undefined]).toContain(newest?.version);
});
