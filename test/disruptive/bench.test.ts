import { expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bareEnvironment, runCommand } from '../control-plane/leashed-process.ts';
import { noPods } from '../product/pod-sidecar.ts';

// A control plane is started, and on a cold machine its binaries are built.
jest.setTimeout(600_000);

const reason = availableParallelism() < 2 ? 'a load and its server need a CPU each' : noPods;

(reason ? it.skip : it)(
  `npm run bench measures a row of the webhook on a control plane of its own, beside the bare responder${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'sync-sidecar-bench-test-'));
    const { KUBEBUILDER_ASSETS, XDG_CACHE_HOME, PATH } = process.env;
    try {
      const { code, stdout, stderr } = await runCommand({
        command: process.execPath,
        args: [join(import.meta.dirname, '../../scripts/bench.ts'), 'webhook', '--row', 'start', '--rounds', '1'],
        env: {
          ...bareEnvironment(homedir()),
          ...{ KUBEBUILDER_ASSETS, XDG_CACHE_HOME, TMPDIR: scratch },
          PATH: `${dirname(process.execPath)}:${PATH}`,
        },
      });

      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
      const cells = rows.map((line) => line.split('|').map((cell) => cell.trim()));
      expect(cells[0]?.slice(1, 4)).toEqual(['', 'sync-sidecar', 'bare responder']);
      expect(
        cells.slice(2).map(([, title, ours, bare]) => [title, /^[\d.,]+ m?s$/.test(ours ?? ''), bare !== '–']),
      ).toEqual([
        ['start → ready, CA in place', true, true],
        ['start → ready: CPU', true, true],
        ['a connection after that, TLS handshake included', true, true],
        ['the first review over it', true, true],
      ]);
      expect(stderr).toContain('not kept: docs/bench/webhook.json is of all rows');
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
);
