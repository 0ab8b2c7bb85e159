/** An alert of a rule file of Prometheus. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alerts of a rule file, or of the `spec` of a PrometheusRule. */
export function alertsIn(rules: unknown): Alert[] {
  const { groups } = rules as { groups: { rules: Alert[] }[] };
  return groups.flatMap((group) => group.rules);
}

/** A panel of a dashboard of Grafana. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
}

/** The panels of a dashboard, rows left out. */
export function panelsIn(dashboard: string): Panel[] {
  const { panels } = JSON.parse(dashboard) as { panels: Panel[] };
  return panels.filter(({ type }) => type !== 'row');
}

/** The variables of a dashboard that have the values of a label. */
export function variablesIn(dashboard: string): { name: string; selector: string; label: string }[] {
  const { templating } = JSON.parse(dashboard) as { templating: { list: { name: string; query: unknown }[] } };
  return templating.list.flatMap(({ name, query }) => {
    const text = typeof query === 'string' ? query : (query as { query: string }).query;
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? [];
    return selector !== undefined && label !== undefined ? [{ name, selector, label }] : [];
  });
}
