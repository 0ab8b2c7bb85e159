import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { annotationsPage } from './annotations/annotations-page.ts';
import { chartOf, chartPath, jsonPath, withReport } from './bench/kept-results.ts';
import { suites } from './bench/suites.ts';
import { valuesSchema } from './chart/values-schema.ts';
import { withValuesTables } from './chart/values-table.ts';
import { configurationSchema } from './configuration/schema.ts';
import { metricsPage } from './metrics-page.ts';
import { monitoringFiles } from './monitoring/files.ts';
import { picture } from './picture.ts';
import { settingsPage } from './settings-page.ts';

const root = join(import.meta.dirname, '..');
/** A suite that has never been run to its end has nothing to show yet. */
const measured = suites.filter((suite) => existsSync(join(root, jsonPath(suite))));
const architecturePicture = await picture(read('docs/architecture.dot') ?? '');
/**
 * Files that are made from the code, from the text of a picture, or from the figures in docs/bench: `npm run generate` writes them, `--check` says whether
 * they are up to date.
 */
const generated = new Map([
  ['docs/annotations.md', annotationsPage],
  ['docs/settings.md', settingsPage],
  ['docs/configuration.schema.json', configurationSchema],
  ['docs/metrics.md', metricsPage],
  ['manifests/chart/values.schema.json', () => valuesSchema(values())],
  ['manifests/chart/README.md', () => withValuesTables(read('manifests/chart/README.md') ?? '', values())],
  ...monitoringFiles((path) => readFileSync(join(root, path), 'utf8')),
  ['docs/architecture.svg', () => architecturePicture],
  ...measured.map((suite) => [chartPath(suite), () => chartOf(suite, root)] as const),
  [
    'docs/architecture.md',
    () => measured.reduce((page, suite) => withReport(page, suite, root), read('docs/architecture.md') ?? ''),
  ],
]);

const checking = process.argv.includes('--check');
const stale = [...generated].filter(([path, generate]) => read(path) !== generate());

for (const [path, generate] of stale) {
  if (checking) console.error(`${path} is not up to date: run \`npm run generate\``);
  else writeFileSync(join(root, path), generate());
}
if (checking && stale.length > 0) process.exitCode = 1;
else console.log(`generated files up to date: ${[...generated.keys()].join(', ')}`);

function values(): string {
  return read('manifests/chart/values.yaml') ?? '';
}

function read(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}
