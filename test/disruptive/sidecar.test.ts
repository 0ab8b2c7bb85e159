import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { readVisibleTree } from '../product/folder-tree.ts';
import { messages } from '../product/log-entries.ts';
import { scrape, sumOf } from '../product/scrape.ts';
import { prepareSidecar, type LocalSidecar, type RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { startOwnControlPlane } from './own-control-plane.ts';

let controlPlane: ControlPlane;
let folder: TemporaryFolder;
const running: RunningSidecar[] = [];

beforeAll(async () => {
  controlPlane = await startOwnControlPlane();
  folder = await createTemporaryFolder('sync-sidecar-test-');
}, 60_000);

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop()));
});

afterAll(async () => {
  await controlPlane.stop();
  await folder.remove();
});

const labels = { dashboard: '1' };

async function prepare(): Promise<{ namespace: string; sidecar: LocalSidecar; program: RunningSidecar }> {
  const namespace = await controlPlane.createNamespace('sidecar');
  const sidecar = await prepareSidecar(controlPlane, { namespace, folder: folder.path });
  for (const name of ['stays', 'goes']) await apply(namespace, name, name);
  const program = await sidecar.start({ LOG_LEVEL: 'DEBUG' });
  running.push(program);
  expect(readVisibleTree(sidecar.files)).toEqual({ 'goes.json': 'goes', 'stays.json': 'stays' });
  return { namespace, sidecar, program };
}

function apply(namespace: string, name: string, content: string): Promise<void> {
  return controlPlane.apply([configMap({ name, labels, data: { [`${name}.json`]: content } })], namespace);
}

function remove(namespace: string, name: string): Promise<string> {
  return controlPlane.kubectlOutput(['delete', 'configmap', name, '--namespace', namespace]);
}

async function expectFiles({ files }: LocalSidecar, expected: Record<string, string>): Promise<void> {
  // Longer than the longest pause between two tries, which an outage of some seconds has grown to.
  const limits = { timeoutMs: 35_000 };
  await eventually(() => JSON.stringify(readVisibleTree(files)) === JSON.stringify(expected), limits).catch(
    () => undefined,
  );
  expect(readVisibleTree(files)).toEqual(expected);
}

describe('the sidecar', () => {
  it('keeps its files and stays ready while the API server is away, says since when, and catches up afterwards', async () => {
    const { namespace, sidecar, program } = await prepare();

    await controlPlane.stopApiServer();
    const stale = await eventually(
      async () => {
        const answer = await program.health('/readyz');
        return answer.body.includes('stale since') && answer;
      },
      { timeoutMs: 10_000 },
    );
    await controlPlane.startApiServer();
    await remove(namespace, 'goes');
    await apply(namespace, 'stays', 'changed');

    await expectFiles(sidecar, { 'stays.json': 'changed' });
    expect(stale.status).toBe(200);
    expect((await program.health('/livez')).status).toBe(200);
  }, 60_000);

  it('lists again when its resourceVersion has expired (410), and misses no deletion', async () => {
    const { namespace, sidecar, program } = await prepare();

    // Stopped and cut off before anything changes, so that no event of it can be waiting in the connection.
    program.pause();
    await controlPlane.restartApiServer();
    await remove(namespace, 'goes');
    await apply(namespace, 'stays', 'changed');
    await controlPlane.expireResourceVersions();
    program.resume();

    await expectFiles(sidecar, { 'stays.json': 'changed' });
    expect(messages(program)).toContain('relist: expired');
    expect(sumOf(await scrape(program), 'sync_sidecar_relists_total')).toBe(1);
  }, 60_000);
});
