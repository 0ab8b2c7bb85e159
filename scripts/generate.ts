import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from './metrics-page.ts';
import { settingsPage } from './settings-page.ts';

/** Files that are made from the code: `npm run generate` writes them, `--check` says whether they are up to date. */
const generated = new Map([
  ['docs/settings.md', settingsPage],
  ['docs/metrics.md', metricsPage],
]);

const root = join(import.meta.dirname, '..');
const checking = process.argv.includes('--check');
const stale = [...generated].filter(([path, generate]) => read(path) !== generate());

for (const [path, generate] of stale) {
  if (checking) console.error(`${path} is not up to date: run \`npm run generate\``);
  else writeFileSync(join(root, path), generate());
}
if (checking && stale.length > 0) process.exitCode = 1;
else console.log(`generated files up to date: ${[...generated.keys()].join(', ')}`);

function read(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}
