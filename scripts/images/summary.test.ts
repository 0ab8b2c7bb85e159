import { describe, expect, it } from '@jest/globals';
import { oversize, summary } from './summary.ts';

const sidecar = {
  id: 'sha256:1',
  name: 'localhost/sync-sidecar:0.1.0',
  repository: 'sync-sidecar:0.1.0',
  archiveBytes: 137_625_088,
  gzipBytes: 50_100_000,
  buildMs: 5_480,
};
const webhook = {
  id: 'sha256:2',
  name: 'localhost/sync-sidecar-webhook:0.1.0',
  repository: 'sync-sidecar-webhook:0.1.0',
  archiveBytes: 99_000_000,
  gzipBytes: 8_000_000,
  buildMs: undefined,
};
const engine = { name: 'docker', command: ['docker'] } as const;

describe('what npm run images says at the end', () => {
  it('has sizes and times of both, what Node was taken from, and where the images are', () => {
    expect(summary(engine, [sidecar, webhook], { name: 'docker.io/library/node:24', nodeVersion: '24.9.0' })).toBe(
      [
        'localhost/sync-sidecar:0.1.0          137.6 MB as an archive  50.1 MB with gzip  built in 5.5 s',
        'localhost/sync-sidecar-webhook:0.1.0   99.0 MB as an archive   8.0 MB with gzip  unchanged',
        'Node 24.9.0 is from docker.io/library/node:24.',
        'To see them: docker images',
      ].join('\n'),
    );
  });

  it('has the reason why it is not the image that the Dockerfiles name', () => {
    expect(summary(engine, [sidecar], { name: 'localhost/node:24', note: 'That one is made here.' })).toContain(
      'Node of unknown version is from localhost/node:24.\nThat one is made here.\n',
    );
  });

  it('is a failure when the sidecar is larger than promised', () => {
    expect(oversize(sidecar)).toBeUndefined();
    expect(oversize({ ...sidecar, gzipBytes: 60_200_000 })).toBe(
      'localhost/sync-sidecar:0.1.0 has 60.2 MB with gzip, more than the 60.0 MB that we promise.',
    );
  });
});
