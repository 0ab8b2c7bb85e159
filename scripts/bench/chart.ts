import { figureText } from './figure-text.ts';
import type { Shown } from './kept-results.ts';
import type { Metric, Subject, SuiteResult } from './metric.ts';
import { figureOf } from './verdict.ts';
import { withReferences } from './with-references.ts';

/** A panel of bars for each metric, two beside each other, as SVG that is read on light and on dark pages alike. */
export function chart(measured: SuiteResult, { metrics, references }: Pick<Shown, 'metrics' | 'references'>): string {
  const result = withReferences(measured, references);
  const panels = metrics.map((metric) => panelOf(metric, result)).filter(({ bars }) => bars.length > 0);
  const rowHeights = pairs(panels).map((pair) => Math.max(...pair.map(heightOf)));
  const top = (row: number): number => rowHeights.slice(0, row).reduce((sum, height) => sum + height, margin);
  const drawn = panels.map((panel, index) =>
    draw(panel, { x: margin + (index % 2) * (panelWidth + gap), y: top(Math.floor(index / 2)) }),
  );
  const width = 2 * margin + 2 * panelWidth + gap;
  const height = top(rowHeights.length) + footHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(`${result.suite}: ${panels.map(({ title }) => title).join('; ')}`)}</title>`,
    style,
    ...drawn.flat(),
    `<text class="quiet" x="${margin}" y="${height - margin}">${escapeXml(footOf(result, metrics))}</text>`,
    '</svg>\n',
  ].join('\n');
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Bar {
  readonly name: string;
  readonly ours: boolean;
  /** Of the longest bar. */
  readonly share: number;
  readonly text: string;
}

// Pixels. A README is 800 to 1,000 wide; two panels and their margins stay below that.
const margin = 8;
const gap = 24;
const panelWidth = 360;
const nameWidth = 96;
// Room for "> 30 s" and "1,300 MiB" behind the longest bar.
const textWidth = 70;
const titleHeight = 24;
const barHeight = 14;
const barPitch = 20;
const footHeight = 24;

// GitHub and browsers tell an image which colours its reader prefers; where none do, these are read on white.
const style = `<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.quiet { fill: #59636e; font-size: 11px }
.ours { fill: #0969da }
.others { fill: #afb8c1 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.quiet { fill: #9198a1 }
.ours { fill: #4493f8 }
.others { fill: #57606a }
}
</style>`;

function panelOf(metric: Metric, result: SuiteResult): Panel {
  const measured = result.subjects.flatMap((subject) => {
    const value = figureOf(metric, subject, result);
    return value === undefined ? [] : [{ subject, value }];
  });
  const longest = Math.max(...measured.map(({ value }) => value));
  const bars = measured.map(({ subject, value }) => ({
    name: shortName(subject),
    ours: subject.role === 'ours',
    share: longest === 0 ? 0 : value / longest,
    text: figureText(metric, [value]),
  }));
  return { title: isMoreBetter(metric) ? `${metric.title} (more is better)` : metric.title, bars };
}

function isMoreBetter({ budgets }: Metric): boolean {
  return budgets.some((budget) => 'atLeast' in budget);
}

/** What stands in parentheses is said once, below. */
function shortName({ name, role }: Subject): string {
  return role === 'reference' ? `${name.replace(/ \(.*$/, '')} *` : name;
}

function footOf({ subjects, takenOn, cores, node, rounds }: SuiteResult, metrics: readonly Metric[]): string {
  const better = metrics.some(isMoreBetter) ? 'Less is better, unless a title says more.' : 'Less is better.';
  const reference = subjects.some(({ role }) => role === 'reference') ? ' * reference: another run, indicative.' : '';
  return `${better} ${takenOn}, ${cores} cores, Node ${node}, medians of ${rounds} rounds.${reference}`;
}

function heightOf({ bars }: Panel): number {
  return titleHeight + bars.length * barPitch + gap / 2;
}

function draw({ title, bars }: Panel, at: { x: number; y: number }): string[] {
  const head = `<text class="title" x="${at.x}" y="${at.y + 14}">${escapeXml(title)}</text>`;
  return [head, ...bars.map((bar, index) => drawBar(bar, { x: at.x, y: at.y + titleHeight + index * barPitch }))];
}

function drawBar({ name, ours, share, text }: Bar, { x, y }: { x: number; y: number }): string {
  // A line remains of what is too little to see.
  const width = Math.max(1, Math.round(share * (panelWidth - nameWidth - textWidth)));
  const start = x + nameWidth;
  return [
    `<text x="${x}" y="${y + 11}">${escapeXml(name)}</text>`,
    `<rect class="${ours ? 'ours' : 'others'}" x="${start}" y="${y}" width="${width}" height="${barHeight}" rx="2"/>`,
    `<text x="${start + width + 6}" y="${y + 11}">${escapeXml(text)}</text>`,
  ].join('');
}

function pairs<T>(items: readonly T[]): T[][] {
  return items.flatMap((_, index) => (index % 2 === 0 ? [items.slice(index, index + 2)] : []));
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
