import { describe, expect, it } from '@jest/globals';
import { panelsIn, variablesIn, type Panel } from '../../test/product/monitoring.ts';
import { dashboard } from './dashboard.ts';

const text = dashboard();
const { panels, ...model } = JSON.parse(text) as { panels: Panel[]; [field: string]: unknown };
const rows = panels.filter(({ type }) => type === 'row');

describe('the dashboard', () => {
  it('is always the same one', () => {
    expect(model).toMatchObject({ uid: 'sync-sidecar', title: 'sync-sidecar' });
    expect(dashboard()).toBe(text);
  });

  it('has panels by numbers of their own, and by titles', () => {
    const titles = panels.map(({ title }) => title);

    expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1));
    expect(new Set(titles).size).toBe(titles.length);
    expect(panels.length).toBeGreaterThan(20);
  });

  it('has the webhook above the sidecars', () => {
    expect(rows.map(({ title, gridPos: { x, w } }) => [title, x, w])).toEqual([
      ['Webhook', 0, 24],
      ['Sidecars', 0, 24],
    ]);
    expect(rows[0]!.gridPos.y).toBeLessThan(rows[1]!.gridPos.y);
  });

  it('lets no panel lie on another one, or stand out of the grid', () => {
    const taken = panels.flatMap(({ gridPos }) => cells(gridPos));

    expect(new Set(taken).size).toBe(taken.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
  });

  it('has a query and an explanation for each panel', () => {
    const lacking = panelsIn(text).filter(({ targets, description }) => targets.length === 0 || !description);

    expect(lacking).toEqual([]);
  });

  it('asks the data source that its user chooses, for each query', () => {
    const sources: unknown[] = [];
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'datasource') sources.push(value);
      return value;
    });

    expect(sources).toEqual(sources.map(() => ({ type: 'prometheus', uid: '${datasource}' })));
    expect(sources.length).toBeGreaterThan(50);
  });

  it('narrows all that is about sidecars to the chosen namespaces and pods', () => {
    const ofSidecars = panelsIn(text).filter(({ gridPos }) => gridPos.y > rows[1]!.gridPos.y);
    const unnarrowed = ofSidecars
      .flatMap(({ targets }) => targets.map(({ expr }) => expr))
      .filter((expr) => !expr.includes('{namespace=~"$namespace",pod=~"$pod"}'));

    expect(unnarrowed).toEqual([]);
    expect(variablesIn(text).map(({ name, label }) => [name, label])).toEqual([
      ['namespace', 'namespace'],
      ['pod', 'pod'],
    ]);
  });
});

function cells({ x, y, w, h }: Panel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`);
}
