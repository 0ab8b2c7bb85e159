import type { MetricFamilies } from '../shared/metrics/metric-family.ts';
import { counterFamilies, gaugeFamilies } from '../sidecar/health/metric-families.ts';
import * as webhook from '../webhook/metrics/metric-families.ts';
import { reasons } from '../webhook/reasons.ts';
import { markdownTable } from './markdown-table.ts';

/** The page `docs/metrics.md`, from the metric families. */
export function metricsPage(): string {
  return `<!-- Made from the metric families by \`npm run generate\`; changes here are lost. -->

# Metrics

No label ever has content of an object, or of an annotation. Counters begin with the process; gauges are what holds at the moment of the scrape. Which alerts are worth having, and what to do then: [alerts](alerts.md).

## The sidecar

What it tells Prometheus at \`/metrics\` on \`HEALTH_PORT\`. \`sync\` is the name of the sync (\`sync\` where it has none), \`scope\` what is listed and watched, such as
\`configmaps with "dashboard" in namespace "a"\`.

### Counters

${table(counterFamilies)}

### Gauges

${table(gaugeFamilies)}

## The webhook

What each of its replicas tells at \`/metrics\` on \`METRICS_PORT\`, in plain HTTP.

### Counters

${table(webhook.counterFamilies)}

### Histograms

${table({ reviewDuration: webhook.reviewDuration })}

### Gauges

${table(webhook.gaugeFamilies)}

### Reasons

The closed list of reasons for which a pod is injected, admitted as it is, or refused. The same word is the field \`reason\` of the log line \`reviewed\`, the label of the metric, and
\`<name of the webhook>/decision\` in the API server's audit log; an injected pod has it in the annotation \`sync-sidecar.io/status\`.

${markdownTable(
  ['Reason', 'Outcome', 'Meaning'],
  Object.entries(reasons).map(([reason, { outcome, help }]) => [`\`${reason}\``, outcome, help]),
)}
`;
}

function table(families: MetricFamilies): string {
  const rows = Object.values(families).map(({ name, labels, help }) => [
    `\`${name}\``,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return markdownTable(['Metric', 'Labels', 'Meaning'], rows);
}
