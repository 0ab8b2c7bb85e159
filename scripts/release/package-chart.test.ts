import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { packageChart } from './package-chart.ts';

it('a chart is packaged from a copy whose images are in the registry', async () => {
  using scratch = scratchFolder();
  const chart = join(scratch.path, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'name: sync-sidecar\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), "registry: ''\n");
  writeFileSync(join(chart, 'templates/service.yaml'), 'kind: Service\n');
  const seen: Record<string, unknown>[] = [];
  const helm = async ([command, folder = '', flag, output]: readonly string[]) => {
    const read = (path: string) => readFileSync(join(folder, path), 'utf8');
    seen.push({ command, flag, output, values: read('values.yaml'), service: read('templates/service.yaml'), folder });
  };

  const path = await packageChart({ chart, registry: 'ghcr.io/some-team', output: '/packages', helm });

  expect(path).toBe('/packages/sync-sidecar-0.1.0.tgz');
  const [{ folder, ...call } = {}] = seen;
  expect(call).toEqual({
    command: 'package',
    flag: '--destination',
    output: '/packages',
    values: "registry: 'ghcr.io/some-team'\n",
    service: 'kind: Service\n',
  });
  expect(existsSync(String(folder))).toBe(false);
  expect(readFileSync(join(chart, 'values.yaml'), 'utf8')).toBe("registry: ''\n");
});
