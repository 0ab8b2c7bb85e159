import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainError } from '../../scripts/plain-error.ts';
import { readGoMod } from '../control-plane/go-module.ts';
import type { Progress } from '../control-plane/progress.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { findOrFetchCrds } from '../packaging/crd-files.ts';
import { writeScripts } from './fake-programs.ts';

const { goVersion, versionOf } = await readGoMod(join(import.meta.dirname, '../packaging/crds'));
const certManager = versionOf('github.com/cert-manager/cert-manager');
const prometheusOperator = versionOf('github.com/prometheus-operator/prometheus-operator');
const files = [
  `cert-manager-${certManager}-crds/cert-manager.io_certificates.yaml`,
  `cert-manager-${certManager}-crds/cert-manager.io_issuers.yaml`,
  `prometheus-operator-${prometheusOperator}-crds/monitoring.coreos.com_podmonitors.yaml`,
  `prometheus-operator-${prometheusOperator}-crds/monitoring.coreos.com_prometheusrules.yaml`,
  `prometheus-operator-${prometheusOperator}-crds/monitoring.coreos.com_servicemonitors.yaml`,
];

let folder: TemporaryFolder;
let bin: string;
let progress: Progress[];

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-crds-');
  bin = join(folder.path, 'bin');
  progress = [];
});
afterEach(() => folder.remove());

/** Commands are found in `bin` alone, so that none of the machine's decides over a test. */
async function find(): Promise<string[]> {
  return findOrFetchCrds({
    env: { XDG_CACHE_HOME: folder.path, PATH: bin },
    onProgress: (one) => progress.push(one),
    signal: new AbortController().signal,
  });
}

function inCache(file: string): string {
  return join(folder.path, 'sync-sidecar', file);
}

/** Has every module in one folder, each CRD with its own name as content; writes down what it is asked for. */
async function haveModules(): Promise<string> {
  const source = join(folder.path, 'module');
  for (const [path, name] of files.map((file) => file.split('/'))) {
    const within = path?.startsWith('cert-manager') ? 'deploy/crds' : 'example/prometheus-operator-crd';
    await writeScripts(join(source, within), { [name ?? '']: name ?? '' });
  }
  return `echo "$@" >> '${folder.path}/runs'; echo '{"Dir": "${source}"}'`;
}

describe('the CustomResourceDefinitions', () => {
  it('are copied out of the Go modules in the versions of go.mod, once', async () => {
    await writeScripts(bin, { go: await haveModules() });

    expect(await find()).toEqual(files.map(inCache));
    expect(await find()).toEqual(files.map(inCache));
    for (const file of files) expect(await readFile(inCache(file), 'utf8')).toContain(file.split('/')[1]);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe(
      'mod download -json github.com/cert-manager/cert-manager\n' +
        'mod download -json github.com/prometheus-operator/prometheus-operator\n',
    );
    expect(progress.map(({ step }) => step)).toEqual([
      `fetching github.com/cert-manager/cert-manager ${certManager} (once; 4 MB)`,
      `fetching github.com/prometheus-operator/prometheus-operator ${prometheusOperator} (once; 4 MB)`,
    ]);
  });

  it('are asked for with what to do where there is no Go', async () => {
    await expect(find()).rejects.toThrow(
      new PlainError(
        `This checks our objects against other projects' CustomResourceDefinitions, but those of github.com/cert-manager/cert-manager ${certManager} are not in the cache,\n` +
          `and there is no Go to fetch them. Please install Go ${goVersion} or newer (https://go.dev/dl/).`,
      ),
    );
  });

  it.each([
    ['of a module in its JSON', `echo '{"Error": "no such host"}'; exit 1`],
    ['of itself on stderr', 'echo no such host >&2; exit 1'],
  ])("show go's own words that it tells %s", async (_case, go) => {
    await writeScripts(bin, { go });

    await expect(find()).rejects.toThrow(
      new PlainError(
        `This checks our objects against other projects' CustomResourceDefinitions, but github.com/cert-manager/cert-manager ${certManager} could not be fetched\n` +
          'from the Go module proxy. go said:\nno such host',
      ),
    );
  });
});
