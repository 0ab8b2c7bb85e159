import type { Panel, Size } from './panel.ts';

/** Where a panel stands: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const gridWidth = 24;

/** Puts panels beside each other from line `top` on, in new lines where there is no more room; answers the line below them too. */
export function place(panels: readonly Panel[], top: number): { positions: GridPosition[]; bottom: number } {
  let [x, y, below] = [0, top, top];
  const positions = panels.map(({ size: { width: w, height: h } }: { size: Size }) => {
    if (x + w > gridWidth) [x, y] = [0, below];
    const position = { x, y, w, h };
    x += w;
    below = Math.max(below, y + h);
    return position;
  });
  return { positions, bottom: below };
}
