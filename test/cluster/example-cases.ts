import type { ExampleOptions } from './applied-example.ts';

export interface ExampleCase extends ExampleOptions {
  /** The files of its application, and the object and key that each comes from. NAMESPACE stands for that of the test. */
  files: Readonly<Record<string, string>>;
  /** Objects that are changed, one after the other, and the request that tells the application of each. */
  reloads?: readonly { readonly changed: string; readonly request: string }[];
}

const administrator = { user: 'admin', password: 'correct-horse' };
const asAdministrator = `Basic ${Buffer.from('admin:correct-horse').toString('base64')}`;

function grafanaReload(kind: string): string {
  return `POST /api/admin/provisioning/${kind}/reload ${asAdministrator}`;
}

/** Those whose pods get their sidecar from the webhook. */
export const injectedExamples: ExampleCase[] = [
  {
    file: 'annotated-deployment.yaml',
    podSecurity: 'baseline',
    files: {
      '/etc/dashboards/hello.json': 'hello-dashboard/hello.json',
      '/etc/dashboards/sales.json': 'sales-dashboard/sales.json',
    },
    reloads: [{ changed: 'sales-dashboard', request: 'POST /reload' }],
  },
  {
    file: 'job.yaml',
    podSecurity: 'restricted',
    files: {
      '/templates/monthly.txt': 'monthly-report/monthly.txt',
      '/templates/yearly.txt': 'yearly-report/yearly.txt',
    },
  },
  {
    file: 'several-syncs.yaml',
    podSecurity: 'restricted',
    files: {
      '/srv/pages/hello.html': 'hello-page/hello.html',
      '/etc/web/httpd.conf': 'web-passwords/httpd.conf',
    },
  },
  {
    file: 'namespace-opt-in.yaml',
    podSecurity: 'restricted',
    ownNamespace: 'team-web',
    files: { '/srv/pages/hello.html': 'hello-page/hello.html' },
  },
  {
    file: 'grafana.yaml',
    podSecurity: 'restricted',
    secrets: { 'grafana-admin': administrator },
    files: {
      '/etc/dashboards/Examples/hello.json': 'hello-dashboard/hello.json',
      '/etc/grafana/provisioning/datasources/prometheus.yaml': 'prometheus-datasource/prometheus.yaml',
      '/etc/grafana/provisioning/alerting/targets.yaml': 'targets-alert/targets.yaml',
      '/etc/grafana/provisioning/alerting/team.yaml': 'team-notifier/team.yaml',
      '/etc/grafana/provisioning/plugins/apps.yaml': 'app-plugins/apps.yaml',
    },
    reloads: [
      { changed: 'hello-dashboard', request: grafanaReload('dashboards') },
      { changed: 'prometheus-datasource', request: grafanaReload('datasources') },
      { changed: 'targets-alert', request: grafanaReload('alerting') },
      { changed: 'team-notifier', request: grafanaReload('alerting') },
      { changed: 'app-plugins', request: grafanaReload('plugins') },
    ],
  },
  {
    file: 'prometheus-rules.yaml',
    podSecurity: 'restricted',
    files: { '/etc/rules/namespace_NAMESPACE.configmap_target-rules.rules.yaml': 'target-rules/rules.yaml' },
    reloads: [{ changed: 'target-rules', request: 'POST /-/reload' }],
  },
  {
    file: 'jenkins-casc.yaml',
    podSecurity: 'restricted',
    secrets: { 'jenkins-admin': { password: 'correct-horse' } },
    files: {
      '/etc/jenkins/casc/security.yaml': 'jenkins-security/security.yaml',
      '/etc/jenkins/casc/welcome.yaml': 'jenkins-welcome/welcome.yaml',
    },
    reloads: [
      {
        changed: 'jenkins-welcome',
        request: 'POST /reload-configuration-as-code/?casc-reload-token=read-it-again',
      },
    ],
  },
  {
    file: 'loki-rules.yaml',
    podSecurity: 'restricted',
    files: {
      '/rules/team-a/errors.yaml': 'team-a-rules/errors.yaml',
      '/rules/team-b/logins.yaml': 'team-b-rules/logins.yaml',
    },
  },
];

/** The one whose pod has it by hand. */
export const manualExample: ExampleCase = {
  file: 'manual-sidecar.yaml',
  podSecurity: 'restricted',
  secrets: { 'grafana-admin': administrator },
  files: { '/var/lib/grafana/dashboards/hello.json': 'hello-dashboard/hello.json' },
  reloads: [{ changed: 'hello-dashboard', request: grafanaReload('dashboards') }],
};
