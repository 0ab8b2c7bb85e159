import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { ExamplePod } from '../product/example-sidecar.ts';
import { secret } from '../product/test-objects.ts';
import { parseManifests, type Manifest } from '../product/webhook-manifests.ts';
import { cluster } from './use-cluster.ts';
import { createNamespace } from './use-webhook.ts';

export const examplesFolder = join(import.meta.dirname, '../../manifests/examples');

export interface ExampleOptions {
  readonly file: string;
  /** The Pod Security level that its namespace enforces. */
  readonly podSecurity: 'baseline' | 'restricted';
  /** Secrets that the example says are to be made first. */
  readonly secrets?: Readonly<Record<string, Record<string, string>>>;
  /** The namespace that the example makes, if it makes one: a namespace of the test takes its place. */
  readonly ownNamespace?: string;
}

export interface AppliedExample {
  readonly namespace: string;
  readonly manifests: readonly Manifest[];
  /** What kubectl wrote to stderr: nothing but warnings. */
  readonly warnings: string;
  /** The pod that a controller made of its workload, as the API server stored it. */
  readonly pod: ExamplePod;
}

/** Applies an example in a namespace of its own, as its first lines say; fields that the API server doesn't know are an error. */
export async function applyExample(example: ExampleOptions): Promise<AppliedExample> {
  const { file, podSecurity, secrets = {}, ownNamespace } = example;
  const namespace = await createNamespace(Object.fromEntries(modes.map((mode) => [mode, podSecurity])));
  const made = Object.entries(secrets).map(([name, data]) => secret({ name, data }));
  if (made.length > 0) await cluster.apply(made, namespace);
  const text = await readFile(join(examplesFolder, file), 'utf8');
  const input = ownNamespace === undefined ? text : text.replaceAll(ownNamespace, namespace);

  const args = ['apply', '--server-side', '--validate=strict', '--namespace', namespace, '--filename', '-'];
  const { code, stderr: warnings } = await cluster.kubectl(args, { input });
  if (code !== 0) throw new Error(`${file} is not accepted: ${warnings}`);

  return { namespace, manifests: parseManifests(input), warnings, pod: await podIn(namespace) };
}

const modes = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}`);

async function podIn(namespace: string): Promise<ExamplePod> {
  const first = async (): Promise<ExamplePod | undefined> => {
    const { items } = await cluster.get<{ items: ExamplePod[] }>('pods', '--namespace', namespace);
    return items[0];
  };
  return eventually(first, { timeoutMs: 15_000 }).catch(async (cause: unknown) => {
    const events = await cluster.kubectlOutput(['events', '--namespace', namespace]);
    throw new Error(`no pod was made; the events of the namespace: ${events}`, { cause });
  });
}

/** What a ConfigMap or Secret of the example has in a key. */
export function contentOf(applied: AppliedExample, name: string, key: string): string {
  const content = contentsOf(objectOf(applied, name))[key];
  if (content === undefined) throw new Error(`${name} has no key ${key}`);
  return content;
}

/** Puts an empty line behind everything that a ConfigMap or Secret of the example has. */
export async function appendLine(applied: AppliedExample, name: string): Promise<void> {
  const object = objectOf(applied, name);
  const contents = Object.entries(contentsOf(object)).map(([key, content]): [string, string] => [key, `${content}\n`]);
  const patch = { [object.kind === 'Secret' ? 'stringData' : 'data']: Object.fromEntries(contents) };
  const args = ['--namespace', applied.namespace, '--type', 'merge', '--patch', JSON.stringify(patch)];
  await cluster.kubectlOutput(['patch', object.kind.toLowerCase(), name, ...args]);
}

function objectOf({ manifests }: AppliedExample, name: string): Manifest {
  const found = manifests.find(({ kind, metadata }) => /^(ConfigMap|Secret)$/.test(kind) && metadata.name === name);
  if (!found) throw new Error(`the example has no ConfigMap and no Secret ${name}`);
  return found;
}

function contentsOf({ data, stringData }: Manifest): Record<string, string> {
  return { ...(data as object), ...(stringData as object) };
}
