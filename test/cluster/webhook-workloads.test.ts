import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../eventually.ts';
import { applyReaderRoles } from '../product/reader-roles.ts';
import { asking, clusterReader, reader } from '../product/test-objects.ts';
import { readManifests } from '../product/webhook-manifests.ts';
import { startWebhook, type RegisteredWebhook } from '../product/webhook-program.ts';
import { workload } from '../product/workloads.ts';
import { cluster, folder } from './use-cluster.ts';
import { createNamespace, useWebhook, webhook } from './use-webhook.ts';

useWebhook('workloads');

/** Applies objects as a person does; answers what kubectl wrote to stderr, of which warnings are all. */
async function apply(namespace: string, ...objects: object[]): Promise<string> {
  const input = objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
  const { code, stderr } = await cluster.kubectl(['apply', '--namespace', namespace, '--filename', '-'], { input });
  expect(code).toBe(0);
  return stderr;
}

/** The workloads that the webhook looked at in a namespace. */
function advised(namespace: string): string[] {
  return webhook.program
    .log()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; namespace?: string; workload: string })
    .filter((line) => line.msg === 'advised' && line.namespace === namespace)
    .map(({ workload }) => workload);
}

type Annotations = Record<string, string>;

describe('who applies a workload', () => {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'] as const;

  it.each(kinds)('is warned by kubectl of what no pod would tell: %s', async (kind) => {
    const namespace = await createNamespace();
    const template = kind === 'CronJob' ? 'spec.jobTemplate.spec.template' : 'spec.template';

    const own = await apply(namespace, workload(kind, { own: { 'sync-sidecar.io/inject': 'true' } }));

    expect(own).toBe(
      `Warning: sync-sidecar: ${kind}/${kind.toLowerCase()}: sync-sidecar.io/inject: no effect in metadata.annotations, which no pod gets; put it into ${template}.metadata.annotations\n`,
    );
  });

  it.each(kinds)('is warned of a label that should be an annotation: %s', async (kind) => {
    const namespace = await createNamespace();
    const template = kind === 'CronJob' ? 'spec.jobTemplate.spec.template' : 'spec.template';

    const warnings = await apply(namespace, workload(kind, { podLabels: { 'sync-sidecar.io/inject': 'true' } }));

    expect(warnings).toBe(
      `Warning: sync-sidecar: ${kind}/${kind.toLowerCase()}: sync-sidecar.io/inject: no effect in ${template}.metadata.labels, as it is a label; pods need the annotation, in ${template}.metadata.annotations\n`,
    );
  });

  it.each(kinds)('is warned of a refusal that its pods would get: %s', async (kind) => {
    const namespace = await createNamespace();

    const warnings = await apply(namespace, workload(kind, { pods: { ...asking, 'sync-sidecar.io/method': 'WACH' } }));

    const title = `Warning: sync-sidecar: ${kind}/${kind.toLowerCase()}:`;
    expect(warnings).toBe(
      `${title} its pods will be refused: 1 problem with the settings:\n` +
        `${title}   sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?\n`,
    );
  });

  it('is warned of a change too, and of each workload though they have the same fault', async () => {
    const namespace = await createNamespace();
    const misspelt = { 'sync-sidecar/inject': 'true' };
    await apply(namespace, ...kinds.map((kind) => workload(kind)));
    expect(advised(namespace)).toEqual([]);

    // A Job's template can't be changed.
    const warnings = await apply(namespace, ...kinds.map((kind) => workload(kind, { own: misspelt })));

    expect(warnings.trimEnd().split('\n')).toEqual(
      kinds.map(
        (kind) =>
          `Warning: sync-sidecar: ${kind}/${kind.toLowerCase()}: sync-sidecar/inject: no effect; did you mean sync-sidecar.io/inject?`,
      ),
    );
  });

  it('can hear it without applying anything', async () => {
    const namespace = await createNamespace();
    const input = JSON.stringify(workload('Deployment', { own: { 'sync-sidecar.io/inject': 'true' } }));

    const args = ['apply', '--dry-run=server', '--namespace', namespace, '--filename', '-'];
    const { stderr } = await cluster.kubectl(args, { input });

    expect(stderr).toContain('no effect in metadata.annotations');
  });

  it.each(kinds)('is warned of pods that are refused as their namespace asks for them: %s', async (kind) => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'true' });
    const title = `${kind}/${kind.toLowerCase()}`;

    const warnings = await apply(namespace, workload(kind));

    expect(warnings.split('\n')[0]).toBe(
      `Warning: sync-sidecar: ${title}: its pods will be refused: the namespace asks for the sidecar (label sync-sidecar.io/inject=true, profile default); the annotation sync-sidecar.io/inject: "false" leaves a pod out`,
    );
    expect(warnings).toContain('sync-sidecar.io/label: is required and not set');
    expect(advised(namespace)).toEqual([title]);
  });

  it('is looked at once in such a namespace, though the workload speaks of us', async () => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'true' });

    const warnings = await apply(namespace, workload('Deployment', { pods: { 'sync-sidecar.io/inject': 'false' } }));

    expect([warnings, advised(namespace)]).toEqual(['', ['Deployment/deployment']]);
  });

  it('hears nothing in a namespace whose label says no', async () => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'false' });

    expect([await apply(namespace, workload('Deployment')), advised(namespace)]).toEqual(['', []]);
  });

  it('hears nothing where nothing speaks of us, and the webhook neither', async () => {
    const namespace = await createNamespace();
    const others = { 'example.com/sync': 'x' };

    expect(await apply(namespace, ...kinds.map((kind) => workload(kind, { own: others, pods: others })))).toBe('');
    expect(advised(namespace)).toEqual([]);
  });

  it('is a person: what a controller makes is not looked at', async () => {
    const namespace = await createNamespace();
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'x', uid: '00000000-0000-0000-0000-000000000000' };
    const job = workload('Job', { pods: { 'sync-sidecar.io/lable': 'x' } }) as { metadata: object };

    const ownerReferences = [{ ...owner, controller: true }];
    expect(await apply(namespace, { ...job, metadata: { ...job.metadata, ownerReferences } })).toBe('');
    expect(advised(namespace)).toEqual([]);
  });
});

describe('who applies a workload whose ServiceAccount may not read what is to be synced', () => {
  /** The objects in the warnings, as the documentation cuts them out. */
  function objectsIn(warnings: string): string {
    return execFileSync('sed', ['-n', 's/^Warning: {/{/p'], { input: warnings, encoding: 'utf8' });
  }

  function mayNot(what: string, where: string): string {
    return `Warning: sync-sidecar: Deployment/app: the ServiceAccount "reader" may not ${what} ${where}, as the sidecar has to; the two objects that follow grant it`;
  }

  function app(settings: Annotations = {}): object {
    const pods = { ...asking, ...settings };
    return workload('Deployment', { name: 'app', pods, spec: { serviceAccountName: 'reader' } });
  }

  /** Waits until no more is said of the workload: the API server knows of a Role some time after it has stored it. */
  async function untilTold(namespace: string, settings: Annotations, told: readonly string[] = []): Promise<void> {
    let tries = 0;
    // What hasn't changed isn't sent.
    const again = async () => apply(namespace, app({ ...settings, 'sync-sidecar.io/rescan-interval': `${++tries}s` }));
    await eventually(async () => isDeepStrictEqual(lines(await again()), told), { timeoutMs: 10_000 });
  }

  /** What was said but for those. */
  function lines(warnings: string): string[] {
    return warnings.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: {'));
  }

  it('is told what grants it, which can be applied as it is; then all is well', async () => {
    const namespace = await createNamespace();
    const other = await createNamespace();
    const settings = { 'sync-sidecar.io/namespace': `${namespace},${other}`, 'sync-sidecar.io/resource': 'both' };

    const warnings = await apply(namespace, app(settings));
    expect(lines(warnings)).toEqual([
      mayNot('list and watch secrets and configmaps', `in namespace "${namespace}"`),
      mayNot('list and watch secrets and configmaps', `in namespace "${other}"`),
    ]);
    const { code, stdout } = await cluster.kubectl(['apply', '--filename', '-'], { input: objectsIn(warnings) });

    expect([code, stdout.trimEnd().split('\n')]).toEqual([
      0,
      ['deployment:app', `${namespace}:deployment:app`].flatMap((name) => [
        `role.rbac.authorization.k8s.io/sync-sidecar:${name} created`,
        `rolebinding.rbac.authorization.k8s.io/sync-sidecar:${name} created`,
      ]),
    ]);
    await untilTold(namespace, settings);
    const user = `system:serviceaccount:${namespace}:reader`;
    for (const resource of ['configmaps', 'secrets'])
      for (const verb of ['get', 'list', 'watch'])
        expect(await cluster.kubectlOutput(['auth', 'can-i', verb, resource, '--as', user, '--namespace', other])).toBe(
          'yes\n',
        );
  });

  it('is told what grants it in the whole cluster, and what that means for Secrets', async () => {
    const namespace = await createNamespace();
    const settings = { 'sync-sidecar.io/namespace': 'ALL', 'sync-sidecar.io/resource': 'secret' };

    const warnings = await apply(namespace, app(settings));
    expect(lines(warnings)).toEqual([
      'Warning: sync-sidecar: Deployment/app: sync-sidecar.io/namespace=ALL: the sidecar reads Secrets of all namespaces, and so can whoever gets into one of its pods; name the namespaces that it needs, or let it sync ConfigMaps alone',
      mayNot('list and watch secrets', 'in all namespaces'),
    ]);
    await cluster.kubectlOutput(['apply', '--filename', '-'], { input: objectsIn(warnings) });

    await untilTold(namespace, settings, lines(warnings).slice(0, 1));
  });

  it('hears nothing of the example, which has the RoleBinding before the Deployment', async () => {
    await applyReaderRoles(cluster);
    const namespace = await createNamespace();
    const example = join(import.meta.dirname, '../../manifests/examples/annotated-deployment.yaml');

    expect(await apply(namespace, ...(await readManifests(example)))).toBe('');
    expect(advised(namespace)).toEqual(['Deployment/dashboards']);
  });

  it('hears nothing where Roles or ClusterRoles grant it, to the account or to a group that it is in', async () => {
    const namespace = await createNamespace();
    const byGroup = await createNamespace();
    await apply(namespace, ...reader(['configmaps']), ...clusterReader(namespace));
    const subjects = [
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: `system:serviceaccounts:${byGroup}` },
    ];
    await apply(byGroup, ...reader().map((object) => ('subjects' in object ? { ...object, subjects } : object)));

    await untilTold(namespace, { 'sync-sidecar.io/namespace': 'ALL' });
    await untilTold(byGroup, { 'sync-sidecar.io/resource': 'both' });
  });

  it('is told of objects by name, for which `get` is enough', async () => {
    const namespace = await createNamespace();
    const settings = { 'sync-sidecar.io/resource-name': 'a,b' };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get'] }];
    await apply(namespace, ...reader().map((object) => ('rules' in object ? { ...object, rules } : object)));

    const warnings = await apply(namespace, app(settings));
    expect(lines(warnings)).toEqual([mayNot('get configmaps "b"', `in namespace "${namespace}"`)]);
    await cluster.kubectlOutput(['apply', '--filename', '-'], { input: objectsIn(warnings) });

    await untilTold(namespace, settings);
  });

  it('is told as much as the API server passes on, in whole objects', async () => {
    const namespace = await createNamespace();
    const names = Array.from({ length: 12 }, (_, index) => `other-${index}`);

    const warnings = await apply(namespace, app({ 'sync-sidecar.io/namespace': names.join(',') }));

    const told = lines(warnings);
    const last = told.pop();
    expect(told).toEqual(
      names.slice(0, told.length).map((name) => mayNot('list and watch configmaps', `in namespace "${name}"`)),
    );
    expect(told.length).toBeGreaterThan(2);
    expect(last).toBe(
      `Warning: sync-sidecar: Deployment/app: ${3 * (names.length - told.length)} more lines are left out until these are seen to`,
    );
    const kinds = objectsIn(warnings)
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(told.flatMap(() => ['Role', 'RoleBinding']));
  });
});

it('the caBundle of the validating webhook is set again when somebody takes it away', async () => {
  const name = 'sync-sidecar-workloads-test';
  const patch = '[{"op":"remove","path":"/webhooks/1/clientConfig/caBundle"}]';
  await cluster.kubectlOutput(['patch', 'validatingwebhookconfiguration', name, '--type=json', '--patch', patch]);

  type Configuration = { webhooks: { clientConfig: { caBundle?: string } }[] };
  const bundles = async (kind: string): Promise<(string | undefined)[]> =>
    (await cluster.get<Configuration>(kind, name)).webhooks.map(({ clientConfig }) => clientConfig.caBundle);
  await eventually(async () => (await bundles('validatingwebhookconfiguration'))[1] !== undefined, {
    timeoutMs: 10_000,
  });

  expect(await bundles('validatingwebhookconfiguration')).toEqual(await bundles('mutatingwebhookconfiguration'));
});

describe('another webhook', () => {
  const covered = { 'quiet-workloads-test': '' };
  let quiet: RegisteredWebhook;
  let namespace: string;

  beforeAll(async () => {
    const env = { RBAC_PREFLIGHT: 'false' };
    const options = { folder: folder.path, suffix: '-quiet-workloads-test', namespaceLabels: covered, env };
    quiet = await startWebhook(cluster, options);
    namespace = await cluster.createNamespace('workloads', covered);
  }, 60_000);

  afterAll(async () => {
    await quiet.stop();
  });

  it('with RBAC_PREFLIGHT=false asks nobody what a ServiceAccount may do', async () => {
    const misspelt = { ...asking, 'sync-sidecar/folder': '/x' };

    expect(await apply(namespace, workload('DaemonSet', { pods: asking }))).toBe('');
    expect(await apply(namespace, workload('Deployment', { pods: misspelt }))).toContain('did you mean');
  });

  it('that is down keeps nobody from applying a workload', async () => {
    await quiet.program.kill();

    expect(await apply(namespace, workload('StatefulSet', { own: { 'sync-sidecar.io/inject': 'true' } }))).toBe('');
  });
});
