import { eventually } from '../../test/eventually.ts';
import type { Objects, SyncedObject } from './cluster-objects.ts';
import { readTree, treeChanges } from '../../test/product/folder-tree.ts';
import type { Narrator } from './narrator.ts';

/** What the steps work with. */
export interface ChangeScene {
  objects: Objects;
  /** The synced files, by a path of this machine. */
  folder: string;
  /** Requests that the application got; grows. */
  notifications: readonly Notification[];
  narrator: Narrator;
  signal: AbortSignal;
}

/** A request with which the sidecar tells the application of a change. */
export interface Notification {
  method: string;
  path: string;
}

/** One change of the cluster's objects, and the files that must be there after it. */
export interface Change {
  title: string;
  act: (objects: Objects) => Promise<void>;
  files: Record<string, string>;
}

/** The content that may show up nowhere but in its file. */
export const secretContent = 'correct-horse-battery-staple';

const label = { dashboard: '1' };

/** There before the sidecar starts. */
export const welcome: SyncedObject = {
  kind: 'ConfigMap',
  name: 'welcome',
  labels: label,
  data: { 'welcome.json': '{"title":"Welcome"}' },
};
export const welcomeFiles = { 'welcome.json': '{"title":"Welcome"}' };

const cpu: SyncedObject = {
  kind: 'ConfigMap',
  name: 'cpu',
  labels: label,
  data: { 'cpu.json': '{"title":"CPU"}' },
  binaryData: { 'logo.bin': Buffer.from([0, 255, 16, 128]).toString('base64') },
};
const cpuFiles = { 'cpu.json': '{"title":"CPU"}', 'logo.bin': '\x00\xff\x10\x80' };
const changedCpuFiles = { 'cpu.json': '{"title":"CPU of all nodes"}' };
const credentials: SyncedObject = {
  kind: 'Secret',
  name: 'credentials',
  labels: label,
  annotations: { 'k8s-sidecar-target-directory': 'private' },
  data: { password: secretContent },
};
const credentialFiles = { 'private/password': secretContent };
const burst = Array.from({ length: 20 }, (_, index): SyncedObject => {
  const name = `burst-${String(index).padStart(2, '0')}`;
  return { kind: 'ConfigMap', name, labels: label, data: { [`${name}.json`]: `{"title":"${name}"}` } };
});
const burstFiles = Object.fromEntries(burst.flatMap(({ data = {} }) => Object.entries(data)));

/** The demo's changes, one after the other. */
export const changes: readonly Change[] = [
  {
    title: 'a ConfigMap with data and binaryData is created',
    act: (objects) => objects.create(cpu),
    files: { ...welcomeFiles, ...cpuFiles },
  },
  {
    title: 'one of its keys changes, another one goes',
    act: (objects) => objects.replace({ ...cpu, data: changedCpuFiles, binaryData: {} }),
    files: { ...welcomeFiles, ...changedCpuFiles },
  },
  {
    title: 'a Secret with a folder annotation is created',
    act: (objects) => objects.create(credentials),
    files: { ...welcomeFiles, ...changedCpuFiles, ...credentialFiles },
  },
  {
    title: 'the first ConfigMap loses its label',
    act: (objects) => objects.replace({ ...cpu, labels: {}, data: changedCpuFiles, binaryData: {} }),
    files: { ...welcomeFiles, ...credentialFiles },
  },
  {
    title: '20 ConfigMaps are created at once',
    act: async (objects) => {
      await Promise.all(burst.map((object) => objects.create(object)));
    },
    files: { ...welcomeFiles, ...credentialFiles, ...burstFiles },
  },
  {
    title: 'they and the Secret are deleted',
    act: async (objects) => {
      await Promise.all([...burst, credentials].map((object) => objects.remove(object)));
    },
    files: welcomeFiles,
  },
];

export interface ChangeOutcome {
  observed: Record<string, string>;
  /** Requests that the application got for this change. */
  notifications: number;
}

// Far more than a change takes; who waits this long has seen that nothing comes.
const patienceMs = 5000;

/** Makes a change, waits for the files and then for the notification, and tells both. */
export async function makeChange({ title, act, files }: Change, scene: ChangeScene): Promise<ChangeOutcome> {
  const { folder, notifications, narrator, objects, signal } = scene;
  const before = readTree(folder);
  const notified = notifications.length;
  const start = performance.now();
  await act(objects);
  const expected = JSON.stringify(sorted(files));
  const seen = eventually(() => JSON.stringify(readTree(folder)) === expected, {
    timeoutMs: patienceMs,
    intervalMs: 1,
    signal,
  });
  const ms = await seen.then(
    () => performance.now() - start,
    () => null,
  );
  signal.throwIfAborted();
  const observed = readTree(folder);
  narrator.line(
    `▸ ${title}: ${ms === null ? `not in the files after ${patienceMs / 1000} s` : `files ${ms.toFixed(0)} ms after the API call`}`,
  );
  tellChanges(before, observed, narrator);
  const first = ms === null ? undefined : await nextNotification(scene, notified);
  const count = notifications.length - notified;
  if (first) narrator.note(`notified: ${first.method} ${first.path}, ${count} ×`);
  return { observed, notifications: count };
}

/** Waits for the first notification of a change. */
async function nextNotification({ notifications, signal }: ChangeScene, before: number) {
  const arrived = eventually(() => notifications.length > before, { timeoutMs: patienceMs, signal });
  await arrived.catch(() => undefined);
  signal.throwIfAborted();
  return notifications.at(before);
}

function tellChanges(before: Record<string, string>, after: Record<string, string>, narrator: Narrator): void {
  const lines = [...treeChanges(before, after)];
  for (const { sign, path, content } of lines.slice(0, 4)) {
    if (sign === '-') narrator.removed(`    - ${path}`);
    else narrator.added(`    ${sign} ${path.padEnd(20)} ${preview(content)}`);
  }
  if (lines.length > 4) narrator.note(`  … and ${lines.length - 4} more`);
}

function preview(content: string): string {
  return /^[\x20-\x7e]*$/.test(content) ? content : `${content.length} bytes`;
}

function sorted(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}
