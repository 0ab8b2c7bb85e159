import { readdir } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainError } from '../../scripts/plain-error.ts';
import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import { readKubernetesModule } from '../control-plane/kubernetes-module.ts';
import type { Binaries } from '../control-plane/programs.ts';
import type { Progress } from '../control-plane/progress.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { fakeGo, writeScripts } from './fake-programs.ts';

const { signal } = new AbortController();
const { version: kubernetesVersion, etcdVersion, goVersion } = await readKubernetesModule();
const minor = kubernetesVersion.split('.').slice(0, 2).join('.');
const setupEnvtestFiles = {
  'kube-apiserver': `echo Kubernetes v${kubernetesVersion}`,
  etcd: `echo etcd Version: ${etcdVersion}`,
  kubectl: `echo Client Version: v${kubernetesVersion}`,
};
const allFiles = { ...setupEnvtestFiles, 'kube-controller-manager': `echo Kubernetes v${kubernetesVersion}` };

let folder: TemporaryFolder;
let assets: string;
let cache: string;
let bin: string;
let progress: Progress[];

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-binaries-');
  assets = join(folder.path, 'assets');
  bin = join(folder.path, 'bin');
  const goArch = arch() === 'x64' ? 'amd64' : arch();
  const release = `kubernetes-${kubernetesVersion}-etcd-${etcdVersion}-${platform()}-${goArch}`;
  cache = join(folder.path, 'sync-sidecar', release);
  progress = [];
});
afterEach(() => folder.remove());

async function find(env: NodeJS.ProcessEnv = {}): Promise<Binaries> {
  return findOrBuildBinaries({
    env: { XDG_CACHE_HOME: folder.path, PATH: `${bin}:/bin:/usr/bin/nowhere`, ...env },
    onProgress: (one) => progress.push(one),
    signal,
    now: () => 0,
  });
}

function binariesIn(directory: string): Binaries {
  return {
    kubeApiserver: join(directory, 'kube-apiserver'),
    kubeControllerManager: join(directory, 'kube-controller-manager'),
    etcd: join(directory, 'etcd'),
    kubectl: join(directory, 'kubectl'),
  };
}

describe('the programs of the control plane', () => {
  it('come from the cache', async () => {
    await writeScripts(cache, allFiles);

    expect(await find()).toEqual(binariesIn(cache));
  });

  it('come from KUBEBUILDER_ASSETS first', async () => {
    await writeScripts(cache, allFiles);
    await writeScripts(assets, allFiles);

    expect(await find({ KUBEBUILDER_ASSETS: assets })).toEqual(binariesIn(assets));
  });

  it('come from KUBEBUILDER_ASSETS but for the kube-controller-manager, which setup-envtest does not bring', async () => {
    await writeScripts(cache, allFiles);
    await writeScripts(assets, setupEnvtestFiles);

    expect(await find({ KUBEBUILDER_ASSETS: assets })).toEqual({
      ...binariesIn(assets),
      kubeControllerManager: join(cache, 'kube-controller-manager'),
    });
  });

  it('are built into the cache when they are nowhere', async () => {
    await writeScripts(bin, { go: fakeGo });

    expect(await find()).toEqual(binariesIn(cache));
    expect(await readdir(join(folder.path, 'sync-sidecar'))).toEqual([cache.slice(cache.lastIndexOf('/') + 1)]);
    expect(progress.at(-1)).toEqual({
      step: `building kube-apiserver, etcd, kubectl, kube-controller-manager ${kubernetesVersion} (once; minutes)`,
      detail: '4 packages compiled, 0 s',
    });
  });

  it('are built by two at the same time without harm', async () => {
    await writeScripts(bin, { go: fakeGo });

    expect(await Promise.all([find(), find()])).toEqual([binariesIn(cache), binariesIn(cache)]);
  });

  it('are built alone where only some are missing', async () => {
    await writeScripts(bin, { go: fakeGo });
    await writeScripts(assets, setupEnvtestFiles);

    await find({ KUBEBUILDER_ASSETS: assets });

    expect(await readdir(cache)).toEqual(['kube-controller-manager']);
  });
});

describe('programs that can not be had', () => {
  it("names everything that is wrong with KUBEBUILDER_ASSETS, and doesn't build instead", async () => {
    await writeScripts(bin, { go: fakeGo });
    await writeScripts(assets, { 'kube-apiserver': 'echo Kubernetes v1.30.1', etcd: 'echo no GLIBC >&2; exit 1' });

    await expect(find({ KUBEBUILDER_ASSETS: assets })).rejects.toThrow(
      new PlainError(
        `KUBEBUILDER_ASSETS=${assets} can't be used:\n` +
          `  - kube-apiserver is version 1.30.1, wanted is ${minor}\n` +
          '  - etcd does not tell its version: no GLIBC\n' +
          '  - kubectl is missing or not executable\n' +
          `Set it to the folder that \`setup-envtest use ${minor} -p path\` prints, or unset it to have the programs built with Go.`,
      ),
    );
  });

  it('names both ways out when there is no Go', async () => {
    const failure = await find().catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(PlainError);
    const { message } = failure as PlainError;
    expect(message).toContain('there is no kube-apiserver, etcd, kubectl, kube-controller-manager:');
    expect(message).toContain(`  - install Go ${goVersion} or newer (https://go.dev/dl/)`);
    expect(message).toContain(
      `  - set KUBEBUILDER_ASSETS to the folder that \`setup-envtest use ${minor} -p path\` prints`,
    );
    expect(message).toContain(`https://dl.k8s.io/release/v${kubernetesVersion}/bin/`);
  });

  it('says that only the kube-controller-manager is missing from what setup-envtest brings', async () => {
    await writeScripts(assets, setupEnvtestFiles);

    await expect(find({ KUBEBUILDER_ASSETS: assets })).rejects.toThrow('there is no kube-controller-manager:\n');
  });

  it("shows go's own words when the build fails, and leaves nothing behind", async () => {
    await writeScripts(bin, { go: 'echo "go: go.mod requires go >= 1.26.0 (running go 1.21.0)" >&2; exit 1' });

    await expect(find()).rejects.toThrow(
      new RegExp(
        `It needs Go ${goVersion} or newer.+go: go\\.mod requires go >= 1\\.26\\.0 \\(running go 1\\.21\\.0\\)$`,
        's',
      ),
    );
    expect(await readdir(cache)).toEqual([]);
  });
});
