import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * The text that ships with the bundles: name, version and licence of every package that they contain, as those licences
 * demand.
 */
export async function thirdPartyLicenses(metafile: Metafile, root: string): Promise<string> {
  const sections = await Promise.all(bundledPackages(metafile).map((path) => section(join(root, path))));
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folders, relative to the root, of the packages that left at least a byte in an output. */
export function bundledPackages({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const packages = inputs.flatMap(([path, { bytesInOutput }]) => {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    return folder === undefined || bytesInOutput === 0 ? [] : [folder];
  });
  return [...new Set(packages)].sort();
}

async function section(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return (
    [`${name} ${version} (${license ?? 'licence in the text below'})`, ...texts.map((text) => text.trim())].join(
      '\n\n',
    ) + '\n'
  );
}
