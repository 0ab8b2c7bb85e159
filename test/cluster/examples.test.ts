import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../../webhook/pod.ts';
import { startExampleSidecar, type ExampleSidecar } from '../product/example-sidecar.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { complaints } from '../product/log-entries.ts';
import { noPodNetworks } from '../product/pod-network.ts';
import { noPods } from '../product/pod-sidecar.ts';
import { applyReaderRoles } from '../product/reader-roles.ts';
import { readManifests } from '../product/webhook-manifests.ts';
import { appendLine, applyExample, contentOf, examplesFolder, type AppliedExample } from './applied-example.ts';
import { injectedExamples, manualExample, type ExampleCase } from './example-cases.ts';
import { expectGolden } from './golden.ts';
import { cluster, folder } from './use-cluster.ts';
import { receiver, useReceiver } from './use-receiver.ts';
import { useWebhook } from './use-webhook.ts';

/** The configuration of the webhook with which all of them are tested. */
const profileFile = 'profile.yaml';

useWebhook('examples', async () => {
  await applyReaderRoles(cluster);
  const [configMap] = await readManifests(join(examplesFolder, profileFile));
  return { configuration: (configMap?.data as Record<string, string>)['configuration.yaml']! };
});
useReceiver();

/** A process in the surroundings of the pod, where it can have them. */
const missing = noPods || noPodNetworks;
const inPod = missing ? it.skip : it;
const unlessInPod = missing ? ` (its sidecar is not run: ${missing})` : '';

it('every example is tested, and listed with the Pod Security level of its pods', () => {
  const files = readdirSync(examplesFolder).filter((name) => name.endsWith('.yaml'));
  const tested = [...injectedExamples, manualExample].map(({ file, podSecurity }) => [file, podSecurity]);
  const expected = [...tested, [profileFile, '']].sort();

  expect(expected.map(([file]) => file)).toEqual(files.sort());
  expect(listedExamples().sort()).toEqual(expected);
});

/** File and Pod Security level of each line in the table of the index. */
function listedExamples(): string[][] {
  const index = readFileSync(join(examplesFolder, 'README.md'), 'utf8');
  return [...index.matchAll(/^\| \[(.+?)\].*\|\s*(\w*)\s*\|$/gm)].map(([, file = '', level = '']) => [file, level]);
}

describe.each(injectedExamples)(`the example $file${unlessInPod}`, (example) => {
  let applied: AppliedExample;

  beforeAll(async () => {
    applied = await applyExample(example);
  });

  it(`is accepted without a warning, where Pod Security enforces "${example.podSecurity}" too`, () => {
    expect(applied.warnings).toBe('');
  });

  it('has its pod injected with the environment of its golden file', () => {
    expectGolden(example.file.replace('.yaml', ''), environmentOf(injectedContainer(applied.pod)));
  });

  inPod('gives its application all its objects as files, and tells it of changes', async () => {
    await expectSynced(example, applied, injectedContainer(applied.pod)!);
  });
});

describe(`the example ${manualExample.file}${unlessInPod}`, () => {
  let applied: AppliedExample;

  beforeAll(async () => {
    applied = await applyExample(manualExample);
  });

  it(`is accepted without a warning, where Pod Security enforces "${manualExample.podSecurity}" too`, () => {
    expect(applied.warnings).toBe('');
  });

  it('has its pod left as it is', () => {
    const { template } = applied.manifests.find(({ kind }) => kind === 'Deployment')!.spec as DeploymentSpec;

    expect(applied.pod.spec.initContainers?.map(({ env }) => env)).toEqual(
      template.spec.initContainers.map(({ env }) => env),
    );
    expect(applied.pod.metadata?.annotations).toEqual(template.metadata.annotations);
  });

  inPod('gives its application all its objects as files, and tells it of changes', async () => {
    await expectSynced(manualExample, applied, applied.pod.spec.initContainers![0]!);
  });
});

interface DeploymentSpec {
  template: { metadata: { annotations: object }; spec: { initContainers: Container[] } };
}

/** The values by their names, or where the kubelet gets them from. */
function environmentOf(container: Container | undefined): Record<string, unknown> {
  return Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

async function expectSynced(example: ExampleCase, applied: AppliedExample, container: Container): Promise<void> {
  const application = Number(new URL(receiver.url).port);
  const sidecar = await startExampleSidecar(cluster, {
    pod: applied.pod,
    container,
    folder: folder.path,
    application,
  });
  try {
    expect(sidecar.files()).toEqual(wantedFiles(example, applied));
    await expectReloads(example, applied, sidecar);
    expect(complaints(sidecar)).toEqual([]);
  } finally {
    await sidecar.close();
  }
}

/** The content of each file; an object in `changed` has an empty line more. */
function wantedFiles({ files }: ExampleCase, applied: AppliedExample, changed: readonly string[] = []): object {
  const contents = Object.entries(files).map(([path, source]): [string, string] => {
    const [name = '', key = ''] = source.split('/');
    const content = contentOf(applied, name, key);
    return [path.replace('NAMESPACE', applied.namespace), changed.includes(name) ? `${content}\n` : content];
  });
  return Object.fromEntries(contents);
}

async function expectReloads(example: ExampleCase, applied: AppliedExample, sidecar: ExampleSidecar): Promise<void> {
  const { reloads = [] } = example;
  const changed = reloads.map((reload) => reload.changed);
  for (const name of changed) await appendLine(applied, name);

  await expectEventually(() => sidecar.files(), wantedFiles(example, applied, changed));
  await expectEventually(requests, reloads.map(({ request }) => request).sort());
}

/** Those of several syncs come in any order. */
function requests(): string[] {
  const lines = receiver.notifications.map(({ method, path, authorization = '' }) =>
    `${method} ${path} ${authorization}`.trim(),
  );
  return lines.sort();
}
