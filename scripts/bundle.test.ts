import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bundle } from './bundle.ts';

const run = promisify(execFile);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeFile(join(root, 'rare.ts'), `export const answer: string = 'rare';`);
  await writeFile(
    join(root, 'main.ts'),
    `const main = async () => {
       const rare = process.argv.includes('--rare') ? await import('./rare.ts') : { answer: 'usual' };
       process.stdout.write([rare.answer, process.env.NODE_ENV, SYNC_SIDECAR_VERSION, new RangeError('').constructor.name].join(' '));
     };
     void main();`,
  );
});

afterEach(() => rm(root, { recursive: true }));

describe('bundle', () => {
  it('makes programs that run where nothing but Node is', async () => {
    const elsewhere = await bundleElsewhere();
    expect(await run(process.execPath, ['main.cjs'], { cwd: elsewhere })).toEqual({
      stdout: 'usual production 1.2.3 RangeError',
      stderr: '',
    });
  });

  it('loads a lazy chunk only when it is needed', async () => {
    const elsewhere = await bundleElsewhere();
    const { stdout } = await run(process.execPath, ['main.cjs', '--rare'], { cwd: elsewhere });
    expect(stdout).toBe('rare production 1.2.3 RangeError');
    await rm(join(elsewhere, 'rare.cjs'));
    expect((await run(process.execPath, ['main.cjs'], { cwd: elsewhere })).stdout).toBe(
      'usual production 1.2.3 RangeError',
    );
  });

  it('leaves no old bundle behind when it fails', async () => {
    const elsewhere = await bundleElsewhere();
    await writeFile(join(root, 'main.ts'), `import './no-such-file.ts';`);
    await expect(bundleElsewhere()).rejects.toThrow('no-such-file.ts');
    expect(await readdir(join(root, 'dist')).catch(() => [])).toEqual([]);
    expect(await readdir(elsewhere)).toContain('main.cjs');
  });

  async function bundleElsewhere(): Promise<string> {
    const outdir = join(root, 'dist');
    await bundle({ entryPoints: { main: 'main.ts', rare: 'rare.ts' }, lazy: ['rare'], root, outdir, version: '1.2.3' });
    const elsewhere = join(root, 'elsewhere');
    await cp(outdir, elsewhere, { recursive: true });
    return elsewhere;
  }
});
