import { describe, expect, it } from '@jest/globals';
import { printProgress } from '../control-plane/progress.ts';

function recorder(isTTY: boolean) {
  const clock = { now: 0 };
  const written: string[] = [];
  const output = { isTTY, write: (text: string) => written.push(text) };
  return { clock, written, ...printProgress(output, () => clock.now) };
}

describe('progress', () => {
  it('rewrites one line of a terminal and leaves it at the end', () => {
    const { onProgress, end, written } = recorder(true);

    onProgress({ step: 'building', detail: '1 package' });
    onProgress({ step: 'building', detail: '2 packages' });
    end();

    expect(written).toEqual(['\r\u001b[Kbuilding: 1 package', '\r\u001b[Kbuilding: 2 packages', '\n']);
  });

  it('prints each step, and a line every 15 s, where there is no terminal', () => {
    const { clock, onProgress, end, written } = recorder(false);

    onProgress({ step: 'building', detail: '1 package' });
    clock.now = 14_999;
    onProgress({ step: 'building', detail: '2 packages' });
    clock.now = 15_000;
    onProgress({ step: 'building', detail: '3 packages' });
    onProgress({ step: 'starting etcd' });
    end();

    expect(written).toEqual(['building: 1 package\n', 'building: 3 packages\n', 'starting etcd\n']);
  });
});
