import { describe, expect, it } from '@jest/globals';
import jsonPatch from 'fast-json-patch';
import type { AdmissionRequest } from '../admission-review.ts';
import { emptyConfiguration, type Configuration } from '../configuration/configuration.ts';
import { decide } from '../decision.ts';
import { adviceFor, judge } from './advice-for.ts';
import { readWorkload, type Annotations } from './workload.ts';

interface Given {
  /** Of the pod template. */
  pods?: Annotations;
  workload?: Annotations;
  jobs?: Annotations;
  podLabels?: Annotations;
  /** Of the workload. */
  labels?: Annotations;
  kind?: string;
  spec?: object;
  namespaceLabel?: string;
  configuration?: Configuration;
}

const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

const plain = { containers: [{ name: 'app' }] };
const decided = { namespace: 'shop', namespaceLabel: undefined, configuration: emptyConfiguration, image: 'x' };

/** The advice on a workload with these annotations. */
function advice({ pods, workload, jobs, podLabels, labels, ...given }: Given): string[] {
  const { kind = 'Deployment', spec = plain, ...options } = given;
  const template = { metadata: { annotations: pods, labels: podLabels }, spec };
  const made =
    kind === 'CronJob' ? { jobTemplate: { metadata: { annotations: jobs }, spec: { template } } } : { template };
  const request: AdmissionRequest = {
    uid: '1',
    kind,
    namespace: 'shop',
    operation: 'CREATE',
    object: { metadata: { name: 'grafana', annotations: workload, labels }, spec: made },
    dryRun: false,
  };
  const read = readWorkload(request)!;
  return adviceFor(read, judge(read, { ...decided, ...options }));
}

describe('nothing is said about', () => {
  it.each<[string, Given]>([
    ['a workload whose pods get their sidecar', { pods: asking }],
    [
      'the status in a copy of an injected pod',
      { pods: { 'sync-sidecar.io/status': '{}' }, workload: { 'sync-sidecar.io/status': '{}' } },
    ],
    [
      'pods that a profile gives all they need',
      {
        pods: { 'sync-sidecar.io/inject': 'true' },
        configuration: { defaults: {}, profiles: new Map([['default', { label: 'a', folder: '/a' }]]) },
      },
    ],
    [
      'annotations of a workload that its pods have too, as kustomize makes them of commonAnnotations',
      { pods: asking, workload: asking },
    ],
    ['pods of a namespace that asks', { pods: { ...asking, 'sync-sidecar.io/inject': '' }, namespaceLabel: 'true' }],
    [
      'pods that opt out, whatever else they say',
      { pods: { ...asking, 'sync-sidecar.io/inject': 'false' }, namespaceLabel: 'true' },
    ],
    [
      "somebody else's annotations",
      { pods: { 'example.com/sync': 'a' }, workload: { 'sync-sidecar-tool.example/mode': 'a' } },
    ],
    ['an inject that says nothing', { pods: { 'sync-sidecar.io/inject': '' } }],
    ['nothing', {}],
  ])('%s', (_what, given) => {
    expect(advice(given)).toEqual([]);
  });
});

describe('an annotation where no pod gets it', () => {
  const key = 'sync-sidecar.io/inject';

  it.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])('of a %s belongs to its template', (kind) => {
    expect(advice({ kind, workload: { [key]: 'true', other: 'x' } })).toEqual([
      'sync-sidecar.io/inject: no effect in metadata.annotations, which no pod gets; put it into spec.template.metadata.annotations',
    ]);
  });

  it('of a CronJob, or of its Jobs, belongs to the template of their pods', () => {
    expect(advice({ kind: 'CronJob', workload: { [key]: 'true' }, jobs: { 'a.sync-sidecar.io/label': 'x' } })).toEqual([
      'sync-sidecar.io/inject: no effect in metadata.annotations, which no pod gets; put it into spec.jobTemplate.spec.template.metadata.annotations',
      'a.sync-sidecar.io/label: no effect in spec.jobTemplate.metadata.annotations, which no pod gets; put it into spec.jobTemplate.spec.template.metadata.annotations',
    ]);
  });

  it('is told once for all of them, the first three by name', () => {
    const workload = { ...asking, 'sync-sidecar.io/method': 'LIST', 'sync-sidecar.io/resource': 'both' };

    expect(advice({ workload })).toEqual([
      'sync-sidecar.io/inject, sync-sidecar.io/label, sync-sidecar.io/folder, 2 more: no effect in metadata.annotations, which no pod gets; put it into spec.template.metadata.annotations',
    ]);
  });
});

describe('a label of our domain', () => {
  const labels = { 'sync-sidecar.io/inject': 'true', app: 'grafana' };

  it.each([
    ['Deployment', 'spec.template'],
    ['CronJob', 'spec.jobTemplate.spec.template'],
  ])('of the pods of a %s asks for nothing: they need the annotation', (kind, template) => {
    expect(advice({ kind, podLabels: labels })).toEqual([
      `sync-sidecar.io/inject: no effect in ${template}.metadata.labels, as it is a label; pods need the annotation, in ${template}.metadata.annotations`,
    ]);
  });

  it('is told once where the workload has it from its pods, as a Job does', () => {
    expect(advice({ kind: 'Job', podLabels: labels, labels })).toHaveLength(1);
  });

  it('of the workload neither', () => {
    expect(advice({ labels })).toEqual([
      'sync-sidecar.io/inject: no effect in metadata.labels, as it is a label; pods need the annotation, in spec.template.metadata.annotations',
    ]);
  });
});

describe('a misspelt annotation', () => {
  it.each([
    ['sync-sidecar/inject', 'sync-sidecar.io/inject'],
    ['sync-sidecar.io.inject', 'sync-sidecar.io/inject'],
    ['syncsidecar.io/label-value', 'sync-sidecar.io/label-value'],
    ['sync_sidecar.io-req-url', 'sync-sidecar.io/req-url'],
    ['sync-sidecar.com/folder', 'sync-sidecar.io/folder'],
    ['a.sync-sidecar/label', 'a.sync-sidecar.io/label'],
  ])('outside of our domain is told with the nearest name: %s', (key, nearest) => {
    const line = `${key}: no effect; did you mean ${nearest}?`;

    expect(advice({ pods: { ...asking, 'sync-sidecar.io/syncs': 'a', [key]: 'x' } })).toEqual([line]);
    expect(advice({ pods: { 'sync-sidecar.io/inject': 'false', 'sync-sidecar.io/syncs': 'a', [key]: 'x' } })).toEqual([
      line,
    ]);
  });

  it('is told of the workload too', () => {
    expect(advice({ workload: { 'sync-sidecar/inject': 'true' } })).toEqual([
      'sync-sidecar/inject: no effect; did you mean sync-sidecar.io/inject?',
    ]);
  });

  it('is told of ten at most', () => {
    const pods = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`sync-sidecar/label${index % 10}${index}`, '']),
    );

    expect(advice({ pods })).toHaveLength(10);
  });

  it('in our domain means that the pods will be refused', () => {
    expect(advice({ pods: { 'sync-sidecar.io/ijnect': 'true' } })).toEqual([
      'its pods will be refused: 1 problem with the settings:',
      '  sync-sidecar.io/ijnect: is no setting; did you mean sync-sidecar.io/inject?',
    ]);
  });
});

describe('settings of pods that do not ask', () => {
  it('are told to have no effect, with what asks', () => {
    expect(advice({ pods: { 'sync-sidecar.io/label': 'a', 'sync-sidecar.io/folder': '/a' } })).toEqual([
      'sync-sidecar.io/label, sync-sidecar.io/folder: no effect, as its pods ask for no sidecar: that takes sync-sidecar.io/inject: "true" in spec.template.metadata.annotations, or the label sync-sidecar.io/inject of its namespace',
    ]);
  });
});

describe('pods that will be refused', () => {
  it('are told with every problem, a line each', () => {
    expect(advice({ pods: { ...asking, 'sync-sidecar.io/lable': 'x', 'sync-sidecar.io/method': 'WACH' } })).toEqual([
      'its pods will be refused: 2 problems with the settings:',
      '  sync-sidecar.io/lable: is no setting; did you mean sync-sidecar.io/label?',
      '  sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
    ]);
  });

  it('are told though nothing is wrong with their settings', () => {
    const spec = { containers: [{ name: 'app', volumeMounts: [{ name: 'a', mountPath: '/etc/dashboards' }] }] };

    expect(advice({ pods: asking, spec })).toEqual([
      'its pods will be refused: the container app already mounts /etc/dashboards, where the sync puts /etc/dashboards; take that mount away, give the sync another folder, or name the containers that see it in sync-sidecar.io/mount-containers',
    ]);
  });
});

it('a setting without effect is told of pods that get their sidecar', () => {
  const pods = { ...asking, 'sync-sidecar.io/sleep-time': '5s' };
  const line = 'sync-sidecar.io/sleep-time: no effect with the method WATCH';

  expect(advice({ pods })).toEqual([line]);
  expect(advice({ pods: { ...pods, 'sync-sidecar.io/inject': 'false' } })).toEqual([]);
});

describe('what is allowed and seldom meant', () => {
  const secrets =
    'sync-sidecar.io/namespace=ALL: the sidecar reads Secrets of all namespaces, and so can whoever gets into one of its pods; name the namespaces that it needs, or let it sync ConfigMaps alone';
  const all = { ...asking, 'sync-sidecar.io/namespace': 'ALL' };

  it.each(['secret', 'both'])('are the Secrets of all namespaces: resource %s', (resource) => {
    expect(advice({ pods: { ...all, 'sync-sidecar.io/resource': resource } })).toEqual([secrets]);
  });

  it('are those of one name too, and of one sync of several', () => {
    const pods = {
      ...all,
      'sync-sidecar.io/syncs': 'a,b',
      'a.sync-sidecar.io/folder': '/a',
      'b.sync-sidecar.io/resource-name': 'secret/token',
    };

    expect(advice({ pods })).toEqual([secrets.replace('sync-sidecar.io', 'b.sync-sidecar.io')]);
  });

  it('are not the ConfigMaps of all namespaces, nor the Secrets of some', () => {
    const some = { ...asking, 'sync-sidecar.io/namespace': 'a,b', 'sync-sidecar.io/resource': 'secret' };

    expect([advice({ pods: all }), advice({ pods: some })]).toEqual([[], []]);
  });

  const script = (folder: string): string =>
    `sync-sidecar.io/script: lies in the synced folder ${folder}, so that whoever may write an object that is synced could run code in the sidecar, with all that it may read; take a script of the sidecar's image`;

  it.each([
    ['/etc/dashboards/reload.sh', '/etc/dashboards'],
    ['/etc//x/../dashboards/a/b.sh', '/etc/dashboards'],
    ['/sync/files/0/reload.sh', '/sync'],
  ])('is a script that is synced: %s', (path, folder) => {
    expect(advice({ pods: { ...asking, 'sync-sidecar.io/script': path } })).toEqual([script(folder)]);
  });

  it('is a script that another sync writes', () => {
    const pods = {
      ...asking,
      'sync-sidecar.io/syncs': 'a,b',
      'a.sync-sidecar.io/folder': '/a',
      'b.sync-sidecar.io/folder': '/b',
      'b.sync-sidecar.io/script': '/a/reload.sh',
    };

    expect(advice({ pods })).toEqual([script('/a').replace('sync-sidecar.io', 'b.sync-sidecar.io')]);
  });

  it('is told of pods that have their sidecar already', () => {
    const pods = { ...asking, 'sync-sidecar.io/script': '/sync/a.sh' };
    const pod = { metadata: { annotations: pods }, spec: { containers: [{ name: 'app' }] } };
    const decision = decide(pod, decided);
    const operations = decision.outcome === 'inject' ? [...decision.operations] : [];
    const { spec } = jsonPatch.applyPatch(pod, operations, false, false).newDocument;

    expect(decide({ ...pod, spec }, decided).reason).toBe('already-injected');
    expect(advice({ pods, spec })).toEqual([script('/sync')]);
  });

  it.each(['/bin/true', '/etc/dashboards-tools/reload.sh', '/syncing.sh'])('is no other script: %s', (path) => {
    expect(advice({ pods: { ...asking, 'sync-sidecar.io/script': path } })).toEqual([]);
  });
});
