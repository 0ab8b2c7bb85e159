import type { MetricFamilies } from '../shared/metrics/metric-family.ts';
import { counterFamilies, gaugeFamilies } from '../sidecar/health/metric-families.ts';
import { markdownTable } from './markdown-table.ts';

/** The page `docs/metrics.md`, from the metric families. */
export function metricsPage(): string {
  return `<!-- Made from the metric families by \`npm run generate\`; changes here are lost. -->

# Metrics

What the sidecar tells Prometheus at \`/metrics\` on \`HEALTH_PORT\`. \`sync\` is the name of the sync (\`sync\` where it has none), \`scope\` what is listed and watched, such as
\`configmaps with "dashboard" in namespace "a"\`. No label ever has content of an object. Which alerts are worth having is in [operations](operations.md#alerts-worth-having).

## Counters

From the start of the process.

${table(counterFamilies)}

## Gauges

At the moment of the scrape.

${table(gaugeFamilies)}
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
