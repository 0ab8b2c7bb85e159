import { readdir, readFile, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainError } from '../../scripts/plain-error.ts';
import { readKubernetesModule } from '../control-plane/kubernetes-module.ts';
import type { Progress } from '../control-plane/progress.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { readContainerdModule } from '../node/containerd-module.ts';
import { findOrBuildNodePrograms, type NodePrograms } from '../node/node-programs.ts';
import { fakeGo, writeScripts } from './fake-programs.ts';

const { signal } = new AbortController();
const kubernetes = await readKubernetesModule();
const containerd = await readContainerdModule();
const goArch = arch() === 'x64' ? 'amd64' : arch();

const controlPlaneFiles = { 'kube-apiserver': '', etcd: '', kubectl: '', 'kube-controller-manager': '' };
const kubernetesFiles = { ...controlPlaneFiles, kubelet: '', 'kube-scheduler': '' };
const runtimeFiles = {
  containerd: '',
  'containerd-shim-runc-v2': '',
  ctr: '',
  bridge: '',
  'host-local': '',
  loopback: '',
};
const goodRunc = 'echo runc version 1.1.5; echo libseccomp: 2.5.4';

let folder: TemporaryFolder;
let bin: string;
let kubernetesCache: string;
let runtimeCache: string;
let progress: Progress[];

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-node-programs-');
  bin = join(folder.path, 'bin');
  const cache = join(folder.path, 'sync-sidecar');
  kubernetesCache = join(cache, `${kubernetes.cacheName}-${platform()}-${goArch}`);
  runtimeCache = join(cache, `${containerd.cacheName}-${platform()}-${goArch}`);
  progress = [];
});
afterEach(() => folder.remove());

/** Commands are found in `bin` alone, so that none of the machine's decides over a test. */
async function find(env: NodeJS.ProcessEnv = {}): Promise<NodePrograms> {
  return findOrBuildNodePrograms({
    env: { XDG_CACHE_HOME: folder.path, PATH: bin, ...env },
    onProgress: (one) => progress.push(one),
    signal,
    now: () => 0,
  });
}

/** Writes down the packages of each run, a line each. */
function loggingGo(): string {
  return `${fakeGo}; echo "$@" >> '${folder.path}/runs'`;
}

async function goRuns(): Promise<string[][]> {
  const runs = await readFile(join(folder.path, 'runs'), 'utf8');
  return runs
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const failure = await promise.then(
    () => 'succeeded',
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PlainError);
  return (failure as PlainError).message;
}

function programsWith(runc: string): NodePrograms {
  return {
    kubelet: join(kubernetesCache, 'kubelet'),
    kubeScheduler: join(kubernetesCache, 'kube-scheduler'),
    containerd: join(runtimeCache, 'containerd'),
    containerdShim: join(runtimeCache, 'containerd-shim-runc-v2'),
    ctr: join(runtimeCache, 'ctr'),
    runc,
    cniPlugins: runtimeCache,
  };
}

describe('the programs of a node', () => {
  beforeEach(() => writeScripts(bin, { runc: goodRunc }));

  it('come from the cache, runc from PATH', async () => {
    await writeScripts(kubernetesCache, kubernetesFiles);
    await writeScripts(runtimeCache, runtimeFiles);

    expect(await find()).toEqual(programsWith(join(bin, 'runc')));
    expect(progress).toEqual([]);
  });

  it("are built in one run of go with the control plane's, and in one for containerd and the CNI plugins", async () => {
    await writeScripts(bin, { go: loggingGo() });

    expect(await find()).toEqual(programsWith(join(bin, 'runc')));
    expect(await goRuns()).toEqual([
      [
        'k8s.io/kubernetes/cmd/kube-apiserver',
        'go.etcd.io/etcd/server/v3',
        'k8s.io/kubernetes/cmd/kubectl',
        'k8s.io/kubernetes/cmd/kube-controller-manager',
        'k8s.io/kubernetes/cmd/kubelet',
        'k8s.io/kubernetes/cmd/kube-scheduler',
      ],
      [
        'github.com/containerd/containerd/v2/cmd/containerd',
        'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
        'github.com/containerd/containerd/v2/cmd/ctr',
        'github.com/containernetworking/plugins/plugins/main/bridge',
        'github.com/containernetworking/plugins/plugins/ipam/host-local',
        'github.com/containernetworking/plugins/plugins/main/loopback',
      ],
    ]);
  });

  it('are built alone where only some are missing', async () => {
    await writeScripts(bin, { go: loggingGo() });
    await writeScripts(kubernetesCache, controlPlaneFiles);
    await writeScripts(runtimeCache, runtimeFiles);
    await rm(join(runtimeCache, 'loopback'));

    await find();

    expect(await goRuns()).toEqual([
      ['k8s.io/kubernetes/cmd/kubelet', 'k8s.io/kubernetes/cmd/kube-scheduler'],
      ['github.com/containernetworking/plugins/plugins/main/loopback'],
    ]);
  });

  it('are built with the version that go.mod names, without the snapshotters that need more than Go', async () => {
    await writeScripts(bin, { go: `echo "$@" >> '${folder.path}/arguments'; ${fakeGo}` });
    await writeScripts(kubernetesCache, kubernetesFiles);

    await find();

    const goArguments = await readFile(join(folder.path, 'arguments'), 'utf8');
    expect(goArguments).toContain(
      '-tags=no_btrfs,no_devmapper,no_zfs -ldflags=-s -w ' +
        `-X github.com/containerd/containerd/v2/version.Version=v${containerd.version} ` +
        '-X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=v',
    );
    expect(progress.at(-1)).toEqual({
      step: `building containerd, containerd-shim-runc-v2, ctr, bridge, host-local, loopback ${containerd.version} (once; minutes)`,
      detail: '6 packages compiled, 0 s',
    });
  });

  it("leave the control plane's to KUBEBUILDER_ASSETS", async () => {
    const assets = join(folder.path, 'assets');
    const version = `echo v${kubernetes.version}`;
    await writeScripts(assets, Object.fromEntries(Object.keys(controlPlaneFiles).map((name) => [name, version])));
    await writeScripts(bin, { go: loggingGo() });

    await find({ KUBEBUILDER_ASSETS: assets });

    expect(await readdir(kubernetesCache)).toEqual(['kube-scheduler', 'kubelet']);
  });
});

describe('programs of a node that can not be had', () => {
  it('are named with what to do when there is no Go, as KUBEBUILDER_ASSETS can not bring them', async () => {
    await writeScripts(bin, { runc: goodRunc });
    await writeScripts(kubernetesCache, controlPlaneFiles);

    expect(await failureOf(find())).toBe(
      `This runs a real Kubernetes node, but there is no kubelet, kube-scheduler (Kubernetes ${kubernetes.version})\n` +
        `in the cache ${kubernetesCache}, and there is no Go to build it.\n` +
        `Please install Go ${kubernetes.goVersion} or newer (https://go.dev/dl/): the first run builds for some minutes, later ones don't.`,
    );
  });

  it("show go's own words when the build fails, and leave nothing behind", async () => {
    await writeScripts(bin, { runc: goodRunc, go: 'echo "go: no such host" >&2; exit 1' });
    await writeScripts(kubernetesCache, kubernetesFiles);

    expect(await failureOf(find())).toBe(
      `containerd ${containerd.version} could not be built. It needs Go ${containerd.goVersion} or newer, the Go module ` +
        'proxy and about 1 GB of disk. go said at last:\ngo: no such host',
    );
    expect(await readdir(runtimeCache)).toEqual([]);
  });
});

describe('runc', () => {
  const debian = 'runc_1.1.5_amd64';
  /** A mirror with one package; `apt-get download` makes a file of that name where it is called. */
  const fakeApt = `
    case "$*" in
      *--print-uris*) echo "'http://mirror/runc.deb' ${debian}.deb 2700000 SHA256:0" ;;
      *) : > ${debian}.deb ;;
    esac`;
  /** dpkg-deb -x PACKAGE FOLDER */
  const fakeDpkg = `/bin/mkdir -p "$3/usr/sbin" && { echo '#!/bin/sh'; echo '${goodRunc}'; } > "$3/usr/sbin/runc" && /bin/chmod +x "$3/usr/sbin/runc"`;

  beforeEach(async () => {
    await writeScripts(kubernetesCache, kubernetesFiles);
    await writeScripts(runtimeCache, runtimeFiles);
  });

  it.each([
    ['there is none in PATH', {}],
    ['that in PATH does not run', { runc: 'echo no libseccomp.so.2 >&2; exit 127' }],
    ['that in PATH is built without seccomp', { runc: 'echo runc version 1.1.5' }],
  ])("comes from Debian's package where %s", async (_case, inPath) => {
    await writeScripts(bin, { ...inPath, 'apt-get': fakeApt, 'dpkg-deb': fakeDpkg });

    const packaged = join(folder.path, 'sync-sidecar', 'debian', debian, 'usr/sbin/runc');
    expect(await find()).toEqual(programsWith(packaged));
  });

  it('says what is wrong with each when none works, and how to get one', async () => {
    await writeScripts(bin, { runc: 'echo no libseccomp.so.2 >&2; exit 127' });

    expect(await failureOf(find())).toBe(
      'This runs a real Kubernetes node, but there is no runc:\n' +
        `  - ${bin}/runc does not tell its version: no libseccomp.so.2\n` +
        "  - runc would be taken from Debian's packages, but there is no apt-get in PATH. Run this on Debian or Ubuntu.\n" +
        'Install one into PATH: on Debian and Ubuntu by `apt-get install runc`,\n' +
        'elsewhere take the program from https://github.com/opencontainers/runc/releases.',
    );
  });
});
