/** The PrometheusRule of `manifests/components/monitoring`, with the text of a rule file of Prometheus. */
export function prometheusRule(rules: string): string {
  const groups = rules.slice(rules.search(/^groups:/m));
  return `# Made from manifests/chart/files/alerts.yaml by \`npm run generate\`; changes here are lost.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: sync-sidecar
  namespace: sync-sidecar
  labels:
    app.kubernetes.io/name: sync-sidecar
    app.kubernetes.io/component: webhook
spec:
${indent(groups)}`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
