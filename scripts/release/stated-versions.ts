import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A version of the product that somebody has to change for a release. */
export interface StatedVersion {
  /** Such as `package.json: version`. */
  readonly place: string;
  readonly version: string;
}

/** What the checkout below `root` says which version it is. */
export function statedVersions(root: string): StatedVersion[] {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const chart = parse(read('manifests/chart/Chart.yaml')) as Partial<Record<string, string>>;
  return [
    { place: 'package.json: version', version: versionOf(read('package.json')) },
    { place: 'package-lock.json: version', version: versionOf(read('package-lock.json')) },
    ...['version', 'appVersion'].map((field) => ({
      place: `manifests/chart/Chart.yaml: ${field}`,
      version: chart[field] ?? 'none',
    })),
    ...manifestsOf(root).flatMap((path) => imagesIn(path, read(path))),
  ];
}

function versionOf(packageFile: string): string {
  return (JSON.parse(packageFile) as { version: string }).version;
}

/** Those that are applied as they are. The chart takes the tag of its images from Chart.yaml. */
function manifestsOf(root: string): string[] {
  return globSync('manifests/*/**/*.yaml', { cwd: root })
    .filter((path) => !path.startsWith('manifests/chart/'))
    .sort();
}

/** Our images, in whatever registry: sync-sidecar:0.1.0, registry.example.com/team/sync-sidecar-webhook:0.1.0. */
function imagesIn(path: string, manifest: string): StatedVersion[] {
  const references = manifest.matchAll(/\b(sync-sidecar(?:-webhook)?):(\d[\w.-]*)/g);
  return [...references].map(([, image = '', version = '']) => ({ place: `${path}: image ${image}`, version }));
}
