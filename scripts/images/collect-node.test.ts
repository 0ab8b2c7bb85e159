import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';

const script = join(import.meta.dirname, 'collect-node.sh');
// This machine takes the place of the image; on Alpine the script refuses.
const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
const onGlibc = header.glibcVersionRuntime === undefined ? it.skip : it;

onGlibc(
  "collects Node with the libraries that it is linked with, and glibc's name services where they are files",
  () => {
    using scratch = scratchFolder();
    const target = join(scratch.path, 'node');

    const { status, stderr } = spawnSync('sh', [script, target], { encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(existsSync(join(target, 'usr/local/bin/node'))).toBe(true);
    const libraries = linkedLibraries();
    expect(libraries.filter((path) => !existsSync(join(target, path)))).toEqual([]);
    const folder = dirname(libraries.find((path) => path.endsWith('/libc.so.6')) ?? '');
    const services = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'].map((name) => join(folder, name));
    expect(services.filter((path) => existsSync(join(target, path)))).toEqual(
      services.filter((path) => existsSync(path)),
    );
  },
);

function linkedLibraries(): string[] {
  const { stdout } = spawnSync('node', { encoding: 'utf8', env: { ...process.env, LD_TRACE_LOADED_OBJECTS: '1' } });
  return stdout.match(/\/\S+/g) ?? [];
}
