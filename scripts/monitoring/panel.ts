/** A panel of the dashboard, by what makes it different from others of its type. */
export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly title: string;
  /** What it says, and when to worry. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Of Grafana: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
  readonly unit?: string;
  readonly size: Size;
  readonly fieldConfig?: object;
  readonly options?: object;
  readonly transformations?: readonly object[];
}

export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

/** In the units of Grafana's grid, which is 24 wide. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

type Described = Pick<Panel, 'title' | 'description' | 'unit'>;

/** From which value on a number has a colour; null: from the beginning. */
export type Steps = readonly { readonly color: 'green' | 'yellow' | 'red' | 'text'; readonly value: number | null }[];

/** One number, or one for each legend. */
export function stat(
  described: Described,
  query: Query,
  { steps = plain, width = 3, ...more }: StatOptions = {},
): Panel {
  return {
    ...described,
    type: 'stat',
    queries: [query],
    size: { width, height: 4 },
    fieldConfig: { thresholds: { mode: 'absolute', steps }, ...more.fields },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'none',
      textMode: more.textMode ?? 'auto',
    },
  };
}

export interface StatOptions {
  readonly steps?: Steps;
  readonly width?: number;
  readonly textMode?: 'name' | 'value_and_name';
  readonly fields?: object;
}

const plain: Steps = [{ color: 'text', value: null }];
/** Of a number of things that should not be. */
export const noneIsGood: Steps = [
  { color: 'green', value: null },
  { color: 'red', value: 1 },
];

/** Lines over time; three of them side by side. */
export function lines(described: Described, ...queries: readonly Query[]): Panel {
  return {
    ...described,
    type: 'timeseries',
    queries,
    size: { width: 8, height: 7 },
    fieldConfig: { min: 0, custom: { fillOpacity: 10, showPoints: 'never' } },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

/** The samples of a query as rows; `columns` name those that are shown, by what Grafana calls them, and how they are called. */
export function table(described: Described, query: Query, columns: Readonly<Record<string, string>>): Panel {
  const organize = {
    excludeByName: { Time: true, Value: true },
    indexByName: Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])),
    renameByName: columns,
  };
  return {
    ...described,
    type: 'table',
    queries: [query],
    size: { width: 24, height: 7 },
    fieldConfig: { noValue: 'nothing', custom: { align: 'left' } },
    options: { showHeader: true, sortBy: [] },
    transformations: [{ id: 'organize', options: organize }],
  };
}
