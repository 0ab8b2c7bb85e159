/*
 * For a real node, whose pods are made in code; test/charts has the pods as charts render them.
 *
 * The environment that the Grafana chart gives its containers of kiwigrid/k8s-sidecar, but for FOLDER.
 * https://github.com/grafana-community/helm-charts/blob/main/charts/grafana/templates/_pod.tpl
 */

/** For dashboards, with the values that kube-prometheus-stack has for the chart. `grafana` is where it listens. */
export function dashboardsEnvironment(grafana: string) {
  return {
    METHOD: 'WATCH',
    LABEL: 'grafana_dashboard',
    LABEL_VALUE: '1',
    LOG_LEVEL: 'INFO',
    RESOURCE: 'both',
    NAMESPACE: 'ALL',
    FOLDER_ANNOTATION: 'grafana_folder',
    REQ_USERNAME: 'admin',
    REQ_PASSWORD: 'prom-operator',
    REQ_URL: new URL('/api/admin/provisioning/dashboards/reload', grafana).href,
    REQ_METHOD: 'POST',
    WATCH_SERVER_TIMEOUT: '3600',
    WATCH_CLIENT_TIMEOUT: '66',
    // Not of the chart: the service links of a Service `grafana` in the pod's namespace.
    GRAFANA_SERVICE_PORT: '80',
    GRAFANA_PORT: 'tcp://10.96.0.10:80',
  };
}

/** For data sources, which Grafana reads at its start: in an init container. */
export const datasourcesInitEnvironment = {
  IGNORE_ALREADY_PROCESSED: 'true',
  METHOD: 'LIST',
  LABEL: 'grafana_datasource',
  LABEL_VALUE: '1',
  RESOURCE: 'both',
};
