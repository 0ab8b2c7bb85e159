import { describe, expect, it } from '@jest/globals';
import { bundledPackages } from './third-party-licenses.ts';

describe('bundledPackages', () => {
  it('lists each package that is in a bundle once, nested and scoped ones by their own folder', () => {
    const inputs = {
      'sidecar/main.ts': { bytesInOutput: 100 },
      'node_modules/pino/pino.js': { bytesInOutput: 10 },
      'node_modules/pino/lib/proto.js': { bytesInOutput: 20 },
      'node_modules/@kubernetes/client-node/dist/config.js': { bytesInOutput: 30 },
      'node_modules/express/node_modules/debug/src/node.js': { bytesInOutput: 40 },
      'node_modules/shaken-out/index.js': { bytesInOutput: 0 },
    };
    const output = { bytes: 200, inputs, imports: [], exports: [] };
    expect(bundledPackages({ outputs: { 'dist/sidecar.cjs': output, 'dist/webhook.cjs': output } })).toEqual([
      'node_modules/@kubernetes/client-node',
      'node_modules/express/node_modules/debug',
      'node_modules/pino',
    ]);
  });
});
