import type { Panel } from './panel.ts';
import { place, type GridPosition } from './place.ts';
import { sidecarPanels } from './sidecar-panels.ts';
import { webhookPanels } from './webhook-panels.ts';

/** The dashboard as Grafana imports it, and its provisioning reads it: for Grafana 10 and later, without plugins. */
export function dashboard(): string {
  const model = {
    // By which Grafana knows it again, and links lead to it.
    uid: 'sync-sidecar',
    title: 'sync-sidecar',
    description:
      'The webhook that injects the sidecar, and the sidecars. Made by `npm run generate`; changes here are lost.',
    tags: ['sync-sidecar', 'kubernetes'],
    // Of Grafana 10.4: older dashboards are brought up to date when they are loaded.
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: { list: variables() },
    annotations: { list: [] },
    panels: panels([
      ['Webhook', webhookPanels],
      ['Sidecars', sidecarPanels],
    ]),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

function variables(): object[] {
  return [
    { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', refresh: 1, current: {} },
    variable('namespace', 'Namespace', 'sync_sidecar_build_info'),
    variable('pod', 'Pod', 'sync_sidecar_build_info{namespace=~"$namespace"}'),
  ];
}

/** All the values that a label has in a selector. */
function variable(name: string, label: string, selector: string): object {
  return {
    type: 'query',
    name,
    label,
    datasource,
    query: { query: `label_values(${selector}, ${name})`, refId: name },
    // On every change of the time, as pods come and go.
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    // A list of all of them could be longer than a URL may be.
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

const datasource = { type: 'prometheus', uid: '${datasource}' };

function panels(rows: readonly (readonly [title: string, panels: readonly Panel[]])[]): object[] {
  let top = 0;
  const unnumbered = rows.flatMap(([title, own]) => {
    const { positions, bottom } = place(own, top + 1);
    const row = { type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: top, w: 24, h: 1 } };
    top = bottom;
    return [row, ...own.map((panel, index) => model(panel, positions[index]!))];
  });
  return unnumbered.map((panel, index) => ({ id: index + 1, ...panel }));
}

function model({ size: _, unit, fieldConfig, queries, ...panel }: Panel, gridPos: GridPosition): object {
  return {
    ...panel,
    datasource,
    gridPos,
    fieldConfig: { defaults: { ...(unit !== undefined && { unit }), ...fieldConfig }, overrides: [] },
    targets: queries.map((query, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource,
      expr: query.expr,
      ...(query.legend !== undefined && { legendFormat: query.legend }),
      ...(panel.type !== 'timeseries' && { instant: true, range: false }),
      ...(panel.type === 'table' && { format: 'table' }),
    })),
  };
}
