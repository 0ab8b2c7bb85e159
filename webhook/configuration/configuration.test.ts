import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../../shared/settings/problem.ts';
import { emptyConfiguration, parseConfiguration } from './configuration.ts';

const head = 'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\n';

/** The problems of a file, each in one line. */
function problemsOf(text: string): string[] {
  const { configuration, problems } = parseConfiguration(text, 'file.yaml');
  if (configuration) throw new Error('the file was accepted');
  return problems.map(describeProblem);
}

function profile(lines: string): ReturnType<typeof parseConfiguration> {
  return parseConfiguration(`${head}profiles:\n  grafana:\n    ${lines.replaceAll('\n', '\n    ')}\n`, 'file.yaml');
}

function settingsOf(lines: string): Readonly<Record<string, string>> | undefined {
  return profile(lines).configuration?.profiles.get('grafana');
}

function profileProblems(lines: string): string[] {
  return profile(lines).problems.map(describeProblem);
}

describe('a configuration file', () => {
  it('gives defaults and profiles', () => {
    const text = `${head}
defaults:
  log-level: WARN
profiles:
  default:
    req-timeout: 5s
  grafana-dashboards:
    label: grafana_dashboard
    folder: /var/lib/grafana/dashboards
  syncs:
    syncs: dashboards, alerts
    dashboards.label: grafana_dashboard
    skip-tls-verify: true
`;

    expect(parseConfiguration(text, 'file.yaml')).toEqual({
      configuration: {
        defaults: { 'log-level': 'WARN' },
        profiles: new Map([
          ['default', { 'req-timeout': '5s' }],
          ['grafana-dashboards', { label: 'grafana_dashboard', folder: '/var/lib/grafana/dashboards' }],
          [
            'syncs',
            { syncs: 'dashboards, alerts', 'dashboards.label': 'grafana_dashboard', 'skip-tls-verify': 'true' },
          ],
        ]),
      },
      problems: [],
    });
  });

  it.each(['', 'profiles:\n', 'defaults:\nprofiles:\n  default:\n'])('has the profile default: %j', (rest) => {
    expect(parseConfiguration(head + rest, 'file.yaml')).toEqual({ configuration: emptyConfiguration, problems: [] });
  });

  it('is refused with every problem at once', () => {
    const text = `
apiVersion: sync-sidecar.io/v1
kind: Configuration
profile: {}
defaults: [label]
profiles:
  Grafana: { req-method: PATCH, labl: a }
  'true': {}
  loki: text
`;

    expect(problemsOf(text)).toEqual([
      'file.yaml: apiVersion="sync-sidecar.io/v1": is not accepted; accepts sync-sidecar.io/v1alpha1',
      'file.yaml: kind="Configuration": is not accepted; accepts InjectionConfiguration',
      'file.yaml: profile: is no field; accepts apiVersion, kind, defaults, profiles, policy; did you mean profiles?',
      'file.yaml: defaults: is no mapping of settings to values',
      'file.yaml: profiles.Grafana: is no name for a profile: small letters, digits and "-", not true or false',
      'file.yaml: profiles.Grafana.labl: is no setting; did you mean label?',
      'file.yaml: profiles.Grafana.req-method="PATCH": is not accepted; accepts GET or POST',
      'file.yaml: profiles.true: is no name for a profile: small letters, digits and "-", not true or false',
      'file.yaml: profiles.loki: is no mapping of settings to values',
    ]);
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'file.yaml: is empty or no YAML mapping'],
    ['a list', '- a', 'file.yaml: is empty or no YAML mapping'],
    ['no list of profiles', `${head}profiles: [a]`, 'file.yaml: profiles: is no mapping of names to profiles'],
    ['a key twice', `${head}kind: A\n`, 'file.yaml: is no valid YAML: Map keys must be unique at line 3, column 1'],
    [
      'tabs',
      `${head}\tdefaults: {}`,
      'file.yaml: is no valid YAML: Tabs are not allowed as indentation at line 3, column 1',
    ],
    [
      'an alias of nothing',
      `${head}defaults: *none\n`,
      'file.yaml: is no valid YAML: Unresolved alias (the anchor must be set before the alias): none',
    ],
    [
      'a list with the tag of a mapping, which would be an empty policy',
      `${head}policy: !!omap\n  - settings: {deny: [label]}\n`,
      'file.yaml: has the tag !!omap in line 4; leave it out, every value is text as it stands',
    ],
    [
      'such a tag by another name',
      `%TAG !e! tag:yaml.org,2002:\n---\n${head}defaults: !e!omap [label: a]\n`,
      'file.yaml: has the tag !!omap in line 5; leave it out, every value is text as it stands',
    ],
    [
      'any other tag',
      `${head}defaults: {label: !!binary aGVsbG8=, folder: !ours /a}\n`,
      'file.yaml: has the tag !!binary in line 3; leave it out, every value is text as it stands',
    ],
    [
      'a key that is no text',
      `${head}defaults: {? [label] : a}\n`,
      'file.yaml: is no valid YAML: With stringKeys, all keys must be strings at line 3, column 14',
    ],
    [
      'a version of YAML that there is not',
      `%YAML 1.3\n---\n${head}`,
      'file.yaml: is no valid YAML: Unsupported YAML version 1.3 at line 1, column 7',
    ],
  ])('is refused when it has %s', (_case, text, problem) => {
    expect(problemsOf(text)[0]).toBe(problem);
  });

  it.each<[string, string, string]>([
    ['is a mapping', 'defaults: {label: {a: b}}', 'defaults.label'],
    ['leads to itself', 'defaults: &a {label: *a}', 'defaults.label'],
    ['is a list in a list', 'defaults: {label: [a, [b]]}', 'defaults.label'],
    ['is a list that leads to itself', 'profiles: {a: {label: &a [*a]}}', 'profiles.a.label'],
  ])('is refused for a setting that %s', (_case, text, where) => {
    expect(problemsOf(`${head}${text}\n`)).toEqual([
      `file.yaml: ${where}: is no text; accepts a text, or a list of texts`,
    ]);
  });

  it('is refused for an apiVersion that leads to itself', () => {
    expect(problemsOf('apiVersion: &a [*a]\nkind: InjectionConfiguration\n')).toEqual([
      'file.yaml: apiVersion: is not accepted; accepts sync-sidecar.io/v1alpha1',
    ]);
  });

  it.each(['[', '{a: '])('is refused where it is deeper than can be read: %s', (open) => {
    expect(problemsOf(`${head}defaults: ${open.repeat(20_000)}`)[0]).toContain('is no valid YAML: ');
  });

  it('is refused without apiVersion and kind', () => {
    expect(problemsOf('profiles: {}')).toEqual([
      'file.yaml: apiVersion="": is not accepted; accepts sync-sidecar.io/v1alpha1',
      'file.yaml: kind="": is not accepted; accepts InjectionConfiguration',
    ]);
  });
});

describe('a value in a profile', () => {
  it('is text as it stands, whatever YAML would make of it', () => {
    const lines = [
      'label-value: 1.10',
      'default-file-mode: 0640',
      'req-retry-total: 3',
      'unique-filenames: True',
      'req-payload: "{}"',
      'namespace: [a, b]',
    ];

    expect(settingsOf(lines.join('\n'))).toEqual({
      'label-value': '1.10',
      'default-file-mode': '0640',
      'req-retry-total': '3',
      'unique-filenames': 'True',
      'req-payload': '{}',
      namespace: 'a,b',
    });
  });

  it('is text in YAML 1.1 too, where yes is true and a date is no text', () => {
    const text = `%YAML 1.1\n---\n${head}defaults: {label-value: 2020-01-01, unique-filenames: True, script: yes}\n`;

    expect(parseConfiguration(text, 'file.yaml').configuration?.defaults).toEqual({
      'label-value': '2020-01-01',
      'unique-filenames': 'True',
      script: 'yes',
    });
  });

  it.each(['label:', 'label: ~', 'label: null', 'label: ""'])('counts as unset when it is none: %s', (line) => {
    expect(settingsOf(line)).toEqual({ label: '' });
  });

  it('may come from an anchor', () => {
    expect(settingsOf('label: &name grafana_dashboard\nscript: *name')).toEqual({
      label: 'grafana_dashboard',
      script: 'grafana_dashboard',
    });
  });

  it('is refused when it is not accepted, with the nearest word', () => {
    expect(profileProblems('method: WACH\nlog-level: 3\ndefault-file-mode: 2750')).toEqual([
      'file.yaml: profiles.grafana.log-level="3": is not accepted; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL or CRITICAL',
      'file.yaml: profiles.grafana.method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
      'file.yaml: profiles.grafana.default-file-mode="2750": is not accepted; accepts three octal digits, such as 644',
    ]);
  });
});

describe('a profile', () => {
  it('need not say what a pod may', () => {
    expect(settingsOf('folder: /dashboards')).toEqual({ folder: '/dashboards' });
  });

  it.each([
    'inject: true',
    'profile: other',
    'kubeconfig: /k',
    'state-dir: /s',
    'app-folder: /a',
    'allowed-folders: /b',
  ])('may not set what is not its business: %s', (line) => {
    const [name] = line.split(':');

    const who = ['inject', 'profile'].includes(name ?? '') ? 'a pod' : 'a sidecar that is written by hand';
    expect(profileProblems(line)).toEqual([`file.yaml: profiles.grafana.${name}: only ${who} may set this`]);
  });

  it('may say from where a password comes, not the password', () => {
    expect(settingsOf('req-password-from: grafana/password')).toEqual({ 'req-password-from': 'grafana/password' });
    expect(profileProblems('req-password: p')).toEqual([
      'file.yaml: profiles.grafana.req-password: only a sidecar that is written by hand may set this; did you mean req-password-from?',
    ]);
  });

  it('has no user name and no password in a URL, and does not repeat them', () => {
    expect(profileProblems('req-url: http://admin:hunter2@grafana/reload')).toEqual([
      'file.yaml: profiles.grafana.req-url: has a user name or a password in it; accepts an http:// or https:// URL without user name and password; those come from req-username-from and req-password-from',
    ]);
  });

  it('may set what pods may not', () => {
    expect(settingsOf('skip-tls-verify: true')).toEqual({ 'skip-tls-verify': 'true' });
  });

  it('may speak of the syncs that the defaults name', () => {
    const defaults = 'defaults: { syncs: "dashboards,alerts", log-level: LOUD }\n';
    const profiles = 'profiles:\n  grafana: { dashboards.label: a, alert.label: b }\n';

    expect(problemsOf(head + defaults + profiles)).toEqual([
      'file.yaml: defaults.log-level="LOUD": is not accepted; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL or CRITICAL',
      'file.yaml: profiles.grafana.alert.label: there is no sync called "alert"; accepts the syncs dashboards, alerts; did you mean alerts.label?',
    ]);
  });

  it('names the syncs that it sets something for', () => {
    expect(profileProblems('syncs: dashboards\ndashbords.label: a')).toEqual([
      'file.yaml: profiles.grafana.dashbords.label: there is no sync called "dashbords"; accepts the syncs dashboards; did you mean dashboards.label?',
    ]);
  });

  it.each(['a', 'a-b', '0', 'a'.repeat(63)])('may be called %s', (name) => {
    expect(parseConfiguration(`${head}profiles:\n  '${name}': {}`, 'f').problems).toEqual([]);
  });

  it.each(['A', '-a', 'a-', 'a.b', '', 'a'.repeat(64), 'false'])('may not be called "%s"', (name) => {
    expect(parseConfiguration(`${head}profiles:\n  '${name}': {}`, 'f').problems).toHaveLength(1);
  });
});

describe('a file', () => {
  it('that is wrong in every line is told by its first lines, and read no longer than it is long', () => {
    const { configuration, problems } = parseConfiguration('}\n'.repeat(3500), 'file.yaml');

    expect([configuration, problems.length]).toEqual([null, 20]);
    expect(describeProblem(problems[0]!)).toBe(
      'file.yaml: is no valid YAML: Unexpected flow-map-end token in YAML document: "}" at line 1, column 1',
    );
  });
});
