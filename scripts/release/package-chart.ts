import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { withRegistry } from './with-registry.ts';

export interface ChartPackage {
  /** Folder of the chart. */
  readonly chart: string;
  /** Where the images are; the chart itself has none. */
  readonly registry: string;
  /** Folder for the package. */
  readonly output: string;
  /** Runs helm, and throws with its words where it fails. */
  readonly helm: (args: readonly string[]) => Promise<unknown>;
}

/** Packages a copy of the chart whose images are in the registry; answers the path of the package. */
export async function packageChart({ chart, registry, output, helm }: ChartPackage): Promise<string> {
  const { name, version } = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8')) as Record<string, string>;
  const folder = await mkdtemp(join(tmpdir(), 'sync-sidecar-chart-'));
  try {
    await cp(chart, folder, { recursive: true });
    const values = join(folder, 'values.yaml');
    await writeFile(values, withRegistry(await readFile(values, 'utf8'), registry));
    await helm(['package', folder, '--destination', output]);
  } finally {
    await rm(folder, { recursive: true });
  }
  return join(output, `${name}-${version}.tgz`);
}
