import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { emptyConfiguration } from '../configuration/configuration.ts';
import { leftOutNamespaces } from './left-out-namespaces.ts';
import { render, type RenderOptions } from './render.ts';

const options: RenderOptions = {
  namespace: 'default',
  namespaceLabel: undefined,
  configuration: emptyConfiguration,
  image: 'example.com/sync-sidecar:1',
};

/** What is printed, and what is said. */
function rendered(
  text: string,
  more: Partial<RenderOptions> = {},
): { text: string | null; remarks: readonly string[] } {
  const result = render(text, { ...options, ...more });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result;
}

function faultsOf(text: string): readonly string[] {
  const result = render(text, options);
  return 'faults' in result ? result.faults : [];
}

const annotations = `
  annotations:
    sync-sidecar.io/inject: "true"
    sync-sidecar.io/label: dashboard
    sync-sidecar.io/folder: /etc/dashboards`;
const spec = `
spec:
  containers:
  - name: app
`;
const pod = `kind: Pod\napiVersion: v1\nmetadata:\n  name: app${annotations}${spec}`;

/** The same text further to the right. */
function indented(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`).trimEnd();
}

interface RenderedPod {
  spec: { initContainers?: { name: string; env: { name: string; value?: string }[] }[] };
}

function sidecarOf(pod: RenderedPod) {
  return pod.spec.initContainers?.find(({ name }) => name === 'sync-sidecar');
}

describe('render', () => {
  it('adds to what is there, which stays as it is written', () => {
    const text = `# of the chart
kind: Pod
apiVersion: v1
metadata:
  name: app # its name${annotations}
spec:
  containers:
  - name: app
    image: "example.com/app:1"
    fieldOfTomorrow: [-x, 'yes', 0644, 12345678901234567890, 22:22, yes, ~] # as they are
    volumeMounts: []
`;
    const { text: printed, remarks } = rendered(text);

    expect(remarks).toEqual(['Pod app: injected']);
    const missing = text.replace('volumeMounts: []', 'volumeMounts:').split('\n');
    for (const line of printed!.split('\n')) if (line === missing[0]) missing.shift();
    expect(missing).toEqual([]);
  });

  it('changes nothing between the lines that it adds: line ends, folded texts, blank lines, comments, quotes and spaces', () => {
    const text = `# head
kind: Pod   # kind
apiVersion: v1
metadata:
  name: 'app'
  annotations:
    # ours
    sync-sidecar.io/inject: "true"   # on
    sync-sidecar.io/label: a
    sync-sidecar.io/folder: /d
      # the end of ours


  labels: {a: b,  c: [ d ]}
spec:
  containers:

  - name: app
    command: [ "sh",  '-c' ]
    args:
    - >-
      folded text that is long and that goes on and on and on and on and on and on and on and
      on
    - |
      literal

  # first of all
  initContainers:
  # of the first
  - name: first
...
---
kind: ConfigMap # spaces:   many
data: { a: "b" }
`;

    for (const lineEnd of ['\n', '\r\n']) {
      const before = text.replaceAll('\n', lineEnd);
      const printed = rendered(before).text!;
      const lines = before.split(lineEnd);
      for (const line of printed.split(lineEnd)) if (line === lines[0]) lines.shift();
      expect(lines).toEqual([]);
      expect(printed.replaceAll(lineEnd, '')).not.toMatch(/[\r\n]/);
      expect(printed).toContain(`  - name: app${lineEnd}    command: [ "sh",  '-c' ]`);
      expect(printed).toContain(`      # the end of ours${lineEnd}    cluster-autoscaler.kubernetes.io`);
    }
  });

  it('gives lines to what is written in braces where it adds something, and to nothing else', () => {
    const text = `kind: Pod
apiVersion: v1
metadata: {name: app, labels: {a: b}, annotations: {sync-sidecar.io/inject: "true", sync-sidecar.io/label: a, sync-sidecar.io/folder: /d}} # meta
spec:
  containers:
    - {name: app, image: "app:1", command: [a, b]}
`;
    const { text: printed } = rendered(text);

    expect(printed!.split('    volumeMounts:')[0]!.split('    sync-sidecar.io/status')[0]).toBe(`kind: Pod
apiVersion: v1
metadata: # meta
  name: app
  labels: {a: b}
  annotations:
    sync-sidecar.io/inject: "true"
    sync-sidecar.io/label: a
    sync-sidecar.io/folder: /d
    cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: sync-sidecar
`);
    expect(printed).toContain(`
    - name: app
      image: "app:1"
      command: [a, b]
      volumeMounts:
        - name: sync-sidecar
`);
    expect(Math.max(...printed!.split('\n').map(({ length }) => length))).toBeLessThan(140);
  });

  it.each([
    ['volumeMounts: # none', 'volumeMounts: # none'],
    ['volumeMounts:', 'volumeMounts:'],
    ['volumeMounts: null # none', 'volumeMounts: # none'],
    ['volumeMounts: ~', 'volumeMounts:'],
    ['volumeMounts: []  # none', 'volumeMounts:  # none'],
    ['? volumeMounts', 'volumeMounts:'],
  ])('adds to nothing: %s', (nothing, name) => {
    const { text } = rendered(pod.replace('- name: app', `- ${nothing}\n    name: app`));

    expect(text).toContain(`  - ${name}\n    - name: sync-sidecar\n      mountPath:`);
    expect(parse(text!)).toMatchObject({ spec: { containers: [{ name: 'app', volumeMounts: [{}] }] } });
  });

  it.each(['', 'metadata:', 'metadata: ~', 'metadata: {}', 'metadata: {annotations}'])(
    'adds what a template without annotations lacks: %j',
    (metadata) => {
      const settings = { label: 'a', folder: '/a' };
      const configuration = { ...emptyConfiguration, profiles: new Map([['default', settings]]) };
      const head = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    ${metadata}`;
      const { text } = rendered(`${head}\n    spec: {containers: [{name: a}]}\n`, {
        configuration,
        namespaceLabel: 'true',
      });

      const { spec: printed } = parse(text!) as { spec: { template: RenderedPod & { metadata: object } } };
      expect(printed.template.metadata).toHaveProperty(['annotations', 'sync-sidecar.io/status']);
      expect(sidecarOf(printed.template)).toBeDefined();
    },
  );

  it.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'])(
    'injects the template of a %s',
    (kind) => {
      const template = indented(`\nmetadata:${annotations}${spec}`, 4);
      const { text, remarks } = rendered(
        `kind: ${kind}\napiVersion: v1\nmetadata: {name: a}\nspec:\n  template:${template}`,
      );

      expect(remarks).toEqual([`${kind} a: injected`]);
      const { spec: printed } = parse(text!) as { spec: { template: RenderedPod } };
      expect(sidecarOf(printed.template)).toBeDefined();
    },
  );

  it('injects the template of a CronJob, and what a List has', () => {
    const template = indented(`\nmetadata:${annotations}${spec}`, 8);
    const cronJob = `kind: CronJob\napiVersion: v1\nmetadata: {name: a}\nspec:\n  jobTemplate:\n    spec:\n      template:${template}`;
    const list = `kind: List\nitems:\n- ${indented(cronJob, 2)}\n- kind: Service\n`;
    const { text, remarks } = rendered(list);

    expect(remarks).toEqual(['CronJob a: injected']);
    const { items } = parse(text!) as {
      items: [{ spec: { jobTemplate: { spec: { template: RenderedPod } } } }, { kind: string }];
    };
    expect(sidecarOf(items[0].spec.jobTemplate.spec.template)).toBeDefined();
    expect(items[1]).toEqual({ kind: 'Service' });
  });

  it('prints every document of a file, those of other kinds too', () => {
    const { text } = rendered(`---\n# first\nkind: Service\n---\n${pod}---\n---\nkind: Secret\n`);

    const first = text!.split(/^---\n/m).map((part) => part.split('\n')[0]);
    expect(first).toEqual(['', '# first', 'kind: Pod', '', 'kind: Secret']);
  });

  it('prints a file in which nobody gets a sidecar as it came', () => {
    const text = `kind:   Pod\nmetadata: {"name" : app}\n${spec}\n`;
    const service = 'kind: Service\n\n\nspec:   {}\n';

    expect(rendered(text).text).toBe(text);
    expect(rendered(service)).toEqual({
      text: service,
      remarks: ['no Pod, and nothing that makes Pods: printed as it is'],
    });
  });

  it('reads JSON', () => {
    const { text } = rendered(JSON.stringify(parse(pod)));

    expect(text).toBe(rendered(pod).text);
  });

  it('adds to one place alone what an anchor has in two', () => {
    const text = `kind: Pod\napiVersion: v1\nmetadata:${annotations}
    sync-sidecar.io/mount-containers: app
spec:
  containers:
  - &app
    name: app
    volumeMounts: &mounts []
  - { <<: *app, name: other }
`;
    const { spec: printed } = parse(rendered(text).text!) as {
      spec: { containers: { name: string; volumeMounts: object[] }[] };
    };

    expect(printed.containers.map(({ name, volumeMounts }) => [name, volumeMounts.length])).toEqual([
      ['app', 1],
      ['other', 0],
    ]);
  });

  it('puts what another reader would take for a number or a truth value in quotes', () => {
    const { text } = rendered(pod.replace('label: dashboard', 'label: "1e3"'));

    expect(text).toContain('- name: LABEL\n      value: "1e3"');
    expect(text).toContain('- name: HEALTH_REQUIRED\n      value: "true"');
  });

  it('decides by the label of the namespace, and by the namespace of the manifest', () => {
    const unasked = pod
      .replace('inject: "true"', 'folder-annotation: a')
      .replace('name: app', 'name: app\n  namespace: b');

    expect(rendered(unasked, { namespaceLabel: 'true' }).remarks).toEqual(['b/Pod app: injected']);
    const same = `${pod.replace(
      'sync-sidecar.io/label: dashboard',
      'sync-sidecar.io/label: dashboard\n    sync-sidecar.io/syncs: a,c\n    a.sync-sidecar.io/namespace: b',
    )}`;
    expect(rendered(same, { namespace: 'b' }).text).toBeNull();
    expect(rendered(same, { namespace: 'c' }).text).not.toBeNull();
  });

  it('takes the labels of the Namespaces that come with the pods, whatever the flag says of the others', () => {
    const unasked = pod.replace('inject: "true"', 'resource: both');
    const inNamespace = (name: string) => unasked.replace('name: app', `name: app\n  namespace: ${name}`);
    const pods = ['asks', 'asks-not', 'elsewhere'].map(inNamespace);
    const asks = 'kind: Namespace\nmetadata: {name: asks, labels: {sync-sidecar.io/inject: "true"}}\n';
    const text = [...pods, asks, 'kind: Namespace\nmetadata: {name: asks-not}\n'].join('---\n');

    const outcomes = (namespaceLabel: string | undefined) =>
      rendered(text, { namespaceLabel }).remarks.flatMap(
        (remark) => /^.*: (?:injected|left as it is)/.exec(remark) ?? [],
      );
    const first = ['asks/Pod app: injected', 'asks-not/Pod app: left as it is'];
    expect(outcomes(undefined)).toEqual([...first, 'elsewhere/Pod app: left as it is']);
    expect(outcomes('true')).toEqual([...first, 'elsewhere/Pod app: injected']);
  });

  it('knows the namespaces in which the webhook is never asked, and what the admission policy says there', () => {
    const byFlag = rendered(pod, { namespace: 'kube-system' });
    const named = pod.replace('name: app', 'name: app\n  namespace: kube-system');
    const optedOut = named.replace('"true"', '"false"');

    expect(byFlag).toEqual({
      text: null,
      remarks: [
        'Pod app: refused (left-out): the webhook is never asked in the namespace kube-system, and the admission policy refuses a pod that asks there; sync-sidecar.io/inject: "false" lets it run without',
      ],
    });
    expect(rendered(named).text).toBeNull();
    expect(rendered(optedOut)).toEqual({
      text: optedOut,
      remarks: ['kube-system/Pod app: left as it is (left-out): the webhook is never asked in its namespace'],
    });
  });

  it('leaves out the namespaces that the manifest of the webhook leaves out', () => {
    const manifest = join(import.meta.dirname, '../../manifests/base/webhook-configuration.yaml');
    const lists = [
      ...readFileSync(manifest, 'utf8').matchAll(/metadata\.name\n *operator: NotIn\n *values: \[(.*)\]/g),
    ];

    expect(lists.map(([, names]) => names?.split(', '))).toEqual(Array(2).fill(leftOutNamespaces));
  });

  it('says why a pod is left as it is', () => {
    const unasked = pod.replace('inject: "true"', 'resource: both');
    const out = pod.replace('inject: "true"', 'inject: "false"');
    const again = rendered(pod).text!;

    expect([unasked, out, again].flatMap((text) => rendered(text).remarks)).toEqual([
      'Pod app: left as it is (not-asked): neither the annotation sync-sidecar.io/inject of the pod nor the label sync-sidecar.io/inject of its namespace (--namespace-label, or its Namespace in the same file) asks',
      'Pod app: sync-sidecar.io/resource, sync-sidecar.io/label, sync-sidecar.io/folder: no effect, as its pods ask for no sidecar: that takes sync-sidecar.io/inject: "true" in metadata.annotations, or the label sync-sidecar.io/inject of its namespace',
      'Pod app: left as it is (opted-out): its annotation sync-sidecar.io/inject says so',
      'Pod app: left as it is (already-injected): it has its sidecar',
    ]);
  });

  it('says what the webhook says to who applies the same workload', () => {
    const text = `kind: Deployment\napiVersion: v1\nmetadata:\n  name: a${annotations}\nspec:\n  template:${indented(spec, 4)}`;
    const risky = pod.replace(
      'label:',
      'namespace: ALL\n    sync-sidecar.io/resource: secret\n    sync-sidecar.io/label:',
    );

    expect(rendered(text).remarks).toEqual([
      expect.stringMatching(/^Deployment a: left as it is \(not-asked\): /),
      'Deployment a: sync-sidecar.io/inject, sync-sidecar.io/label, sync-sidecar.io/folder: no effect in metadata.annotations, which no pod gets; put it into spec.template.metadata.annotations',
    ]);
    expect(rendered(risky).remarks).toEqual([
      'Pod app: injected',
      expect.stringMatching(/^Pod app: sync-sidecar.io\/namespace=ALL: the sidecar reads Secrets of all namespaces/),
    ]);
  });

  it('tells annotations of a CronJob that none of its pods gets, wherever they stand', () => {
    const own = 'annotations: {sync-sidecar.io/inject: "true", other: 1}';
    const template = `metadata: {}\n      spec: {template: {spec: {containers: [{name: a}]}}}`;
    const text = `kind: CronJob\napiVersion: v1\nmetadata: {name: a, ${own}}\nspec:\n  jobTemplate:\n      ${template.replace('{}', `{${own}}`)}`;

    expect(rendered(text).remarks.slice(1)).toEqual(
      ['metadata', 'spec.jobTemplate.metadata'].map(
        (field) =>
          `CronJob a: sync-sidecar.io/inject: no effect in ${field}.annotations, which no pod gets; put it into spec.jobTemplate.spec.template.metadata.annotations`,
      ),
    );
  });

  it('tells a label that should be an annotation', () => {
    const text = pod.replace('annotations:', 'labels: {sync-sidecar.io/inject: "true"}\n  annotations:');

    expect(rendered(text).remarks.slice(1)).toEqual([
      'Pod app: sync-sidecar.io/inject: no effect in metadata.labels, as it is a label; pods need the annotation, in metadata.annotations',
    ]);
  });

  it('looks for misspelt annotations in domains that the API server would not send to the webhook', () => {
    const text = pod
      .replace('sync-sidecar.io/inject', 'sync-sidcar.io/inject')
      .replaceAll('sync-sidecar', 'sync-sidecra');

    expect(rendered(text).remarks.slice(1)).toEqual([
      'Pod app: sync-sidcar.io/inject: no effect; did you mean sync-sidecar.io/inject?',
      'Pod app: sync-sidecra.io/label: no effect; did you mean sync-sidecar.io/label?',
      'Pod app: sync-sidecra.io/folder: no effect; did you mean sync-sidecar.io/folder?',
    ]);
  });

  it('names what it passes over though it may have pods', () => {
    const rollout = pod.replace('kind: Pod', 'kind: Rollout');
    const template = indented(`\nmetadata:${annotations}${spec}`, 4);
    const deployment = `kind: deployment\nmetadata: {name: b, namespace: shop}\nspec:\n  template:${template}\n`;
    const without = 'kind: Deployment\nmetadata: {name: c}\nspec: {}\n';
    const unversioned = pod.replace('apiVersion: v1\n', '');
    const service = 'kind: Service\nmetadata: {name: d, annotations: {example.com/inject: "true"}}\n';
    const kinds =
      'Pod, PodTemplate, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob';
    const keys = 'sync-sidecar.io/inject, sync-sidecar.io/label, sync-sidecar.io/folder';
    const overlooked = [
      `Rollout app: not looked at, though it has ${keys}: render knows ${kinds}`,
      `shop/deployment b: not looked at, though it has ${keys}: render knows ${kinds}; did you mean Deployment?`,
      'Deployment c: not looked at, as it has no template of pods',
    ];
    const nothing = 'no Pod, and nothing that makes Pods: printed as it is';

    expect(rendered([rollout, deployment, without, service].join('---\n')).remarks).toEqual([...overlooked, nothing]);
    expect(rendered([rollout, deployment, without, unversioned].join('---\n')).remarks).toEqual([
      'Pod app: injected',
      ...overlooked,
      'Pod app: has no apiVersion, so no cluster takes it',
    ]);
  });

  it('prints nothing where one of the pods is refused', () => {
    const misspelt = pod.replace('label:', 'labl:').replace('name: app', 'name: other');
    const { text, remarks } = rendered(`${pod}---\n${misspelt}`);

    expect(text).toBeNull();
    expect(remarks).toEqual([
      'Pod app: injected',
      expect.stringContaining('Pod other: refused (invalid-settings): 1 problem with the settings:\n'),
    ]);
  });

  it('takes quantities that are numbers, and fields that are null, as the API server does', () => {
    const text = pod.replace(
      '- name: app',
      '- name: app\n    resources: {limits: {cpu: 1, memory: 1Gi}}\n    volumeMounts:\n  initContainers: null',
    );

    expect(rendered(text).text).toContain('cpu: 100m');
  });

  it.each([
    [
      'kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n  labels: {{- include "a" . | nindent 4 }}\n',
      'line 3 has {{, so it is a template: render what `helm template` makes of it',
    ],
    [': :', 'Nested mappings are not allowed in compact mappings at line 1, column 3'],
    ['', 'there is no manifest in it'],
    ['a: *b', 'Unresolved alias (the anchor must be set before the alias): b'],
    ['a: &all {again: *all}', 'an alias stands within what it stands for'],
    [
      pod.replace('"true"', 'yes'),
      'Pod app: metadata.annotations.sync-sidecar.io/inject is true, which is no string: put it in quotes',
    ],
    [pod.replace('- name: app', '- app'), 'Pod app: spec.containers[0] is no mapping'],
    [pod.replace('- name: app', '  name: app'), 'Pod app: spec.containers is no list'],
    [pod.replace('- name: app', '- image: app'), 'Pod app: spec.containers[0] has no name'],
    [
      pod.replace('- name: app', '- nmae: app'),
      'Pod app: spec.containers[0] has no name, but nmae: did you mean name?',
    ],
    [pod.replace('spec:', 'sepc:'), 'Pod app: it has no spec, but sepc: did you mean spec?'],
    [pod.replace(spec, '\nspec:\n'), 'Pod app: it has no spec'],
  ])('can’t read %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});
