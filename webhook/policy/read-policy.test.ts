import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../../shared/settings/problem.ts';
import { parseConfiguration } from '../configuration/configuration.ts';

const head = `apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
profiles:
  grafana: {}
policy:
`;

/** Reads a file whose policy has these lines. */
function parse(lines: string): ReturnType<typeof parseConfiguration> {
  return parseConfiguration(`${head}  ${lines.replaceAll('\n', '\n  ')}\n`, 'f');
}

function problemsOf(lines: string): string[] {
  const { configuration, problems } = parse(lines);
  expect(configuration === null).toBe(problems.length > 0);
  return problems.map(describeProblem);
}

describe('a policy', () => {
  it('has rules about settings, values and profiles', () => {
    const { configuration } = parse(`
settings:
  allow: [label, req-url, profile]
  deny: [script]
locked: [log-level, health-port]
imagePrefixes: [registry.example.com/team/, docker.io/library/busybox]
resources:
  cpu: 1
  memory: 256Mi
  volume: 1Gi
namespaces: ['shared-*', monitoring]
folders: [/etc/grafana/, /var//lib/grafana]
urlHosts: ['*.example.com', Hooks.example.org]
profiles:
  grafana:
    namespaces: ['team-*']
  default: {}
`);

    expect(configuration?.policy).toEqual({
      settings: { allow: ['LABEL', 'REQ_URL', 'PROFILE'], deny: ['SCRIPT'] },
      locked: ['LOG_LEVEL', 'HEALTH_PORT'],
      imagePrefixes: ['registry.example.com/team', 'docker.io/library/busybox'],
      resources: { cpu: '1', memory: '256Mi', volume: '1Gi' },
      namespaces: ['shared-*', 'monitoring'],
      folders: ['/etc/grafana', '/var/lib/grafana'],
      urlHosts: ['*.example.com', 'hooks.example.org'],
      profiles: new Map([
        ['grafana', { namespaces: ['team-*'] }],
        ['default', {}],
      ]),
    });
  });

  it.each(['', 'settings:', 'settings: {}', 'resources:\nprofiles:'])('may say nothing: %j', (lines) => {
    expect(problemsOf(lines)).toEqual([]);
  });

  it('may forbid everything', () => {
    expect(parse('settings: { allow: [] }\nnamespaces: []\nurlHosts: []').configuration?.policy).toEqual({
      settings: { allow: [] },
      namespaces: [],
      urlHosts: [],
    });
  });

  it('is refused with every problem at once, each with its path in the file', () => {
    const lines = `
setting: {}
settings:
  alow: [label]
  allow: [lable, Req-Url, dashboards.label, skip-tls-verify, state-dir, inject, [label]]
  deny: script
locked: [profile, inject, req-password]
imagePrefixes: [registry.example.com/team:1, '*']
resources: { cpu: 1x, memory: 0, gpu: 1 }
namespaces: [Team, own/configmap/a]
folders: [etc/grafana, /etc/../root]
urlHosts: ['https://example.com', '*']
profiles:
  grafanna: { namespaces: ['team-*'] }
  grafana: { namespace: a, namespaces: [A] }
  default: [a]
`;
    const setting = 'accepts the name of a setting as pods spell it, such as req-url';
    const quantity = 'accepts a quantity of Kubernetes, more than 0, such as 500m or 256Mi';
    const namespace = 'accepts the name of a namespace, in which * stands for any text, such as team-*';
    const image = 'accepts a registry or a path in it without tag, such as registry.example.com/team';
    const host = 'accepts a host without port, such as hooks.example.com, or *.example.com for every host below it';
    const folder = 'accepts an absolute path, such as /etc/dashboards';

    expect(problemsOf(lines)).toEqual([
      'f: policy.setting: is no field; accepts settings, locked, imagePrefixes, resources, namespaces, folders, urlHosts, profiles; did you mean settings?',
      'f: policy.settings.alow: is no field; accepts allow, deny; did you mean allow?',
      `f: policy.settings.allow[0]="lable": is no setting; ${setting}; did you mean label?`,
      `f: policy.settings.allow[1]="Req-Url": is no setting; ${setting}; did you mean req-url?`,
      `f: policy.settings.allow[2]="dashboards.label": is no setting; ${setting}; did you mean label?`,
      `f: policy.settings.allow[3]="skip-tls-verify": is what no pod may set anyway; ${setting}`,
      `f: policy.settings.allow[4]="state-dir": is what no pod may set anyway; ${setting}`,
      `f: policy.settings.allow[5]="inject": is what a pod may always say; ${setting}`,
      `f: policy.settings.allow[6]: is no text; ${setting}`,
      'f: policy.settings.deny: is no list; accepts a list, [] for an empty one',
      `f: policy.locked[0]="profile": has no value but the one that a pod gives it; ${setting}`,
      `f: policy.locked[1]="inject": has no value but the one that a pod gives it; ${setting}`,
      `f: policy.locked[2]="req-password": is what no pod may set anyway; ${setting}`,
      `f: policy.imagePrefixes[0]="registry.example.com/team:1": is not accepted; ${image}`,
      `f: policy.imagePrefixes[1]="*": is not accepted; ${image}`,
      'f: policy.resources.gpu: is no field; accepts cpu, memory, volume; did you mean cpu?',
      `f: policy.resources.cpu="1x": is not accepted; ${quantity}`,
      `f: policy.resources.memory="0": is not accepted; ${quantity}`,
      `f: policy.namespaces[0]="Team": is not accepted; ${namespace}`,
      `f: policy.namespaces[1]="own/configmap/a": is not accepted; ${namespace}`,
      `f: policy.folders[0]="etc/grafana": is not accepted; ${folder}`,
      `f: policy.folders[1]="/etc/../root": is not accepted; ${folder}`,
      `f: policy.urlHosts[0]="https://example.com": is not accepted; ${host}`,
      `f: policy.urlHosts[1]="*": is not accepted; ${host}`,
      'f: policy.profiles.grafanna: there is no such profile; accepts default, grafana; did you mean grafana?',
      'f: policy.profiles.grafana.namespace: is no field; accepts namespaces; did you mean namespaces?',
      `f: policy.profiles.grafana.namespaces[0]="A": is not accepted; ${namespace}`,
      'f: policy.profiles.default: is no mapping',
    ]);
  });

  it.each(['settings:\n  allow:', 'locked:', 'namespaces: ~', 'folders: ""', 'imagePrefixes: {}'])(
    'leaves nobody guessing what a blank list means: %j',
    (lines) => {
      expect(problemsOf(lines)).toEqual([
        expect.stringMatching(/^f: policy\..*: is no list; accepts a list, \[\] for an empty one$/),
      ]);
    },
  );

  it('is no list', () => {
    expect(parseConfiguration(head.replace('policy:', 'policy: [a]'), 'f').problems.map(describeProblem)).toEqual([
      'f: policy: is no mapping',
    ]);
  });
});

it('a rule that stands too high in the policy is told where it belongs', () => {
  expect(problemsOf('deny: [script]\ncpu: 500m')).toEqual([
    expect.stringMatching(/^f: policy\.deny: is no field; accepts .*; did you mean settings\.deny\?$/),
    expect.stringMatching(/^f: policy\.cpu: is no field; accepts .*; did you mean resources\.cpu\?$/),
  ]);
});
