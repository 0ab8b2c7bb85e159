import { beforeAll, describe, expect, it } from '@jest/globals';
import { recordingLog } from '../test/recording-log.ts';
import { emptyConfiguration } from './configuration/configuration.ts';
import { issueCa, type KeyPairPem } from './tls/certificate.ts';
import { warmUp } from './warm-up.ts';

let certificate: KeyPairPem;

beforeAll(async () => {
  certificate = await issueCa({ commonName: 'any', now: Date.now(), lifetimeMs: 60_000 });
});

describe('the warm-up', () => {
  it('goes through the decision by the configuration, and logs nothing', async () => {
    const { log, lines } = recordingLog();
    let decisions = 0;
    const configuration = () => {
      decisions++;
      return emptyConfiguration;
    };

    await warmUp({ configuration, image: 'sidecar:1', certificate, log });

    expect([decisions, lines]).toEqual([30, []]);
  });

  it('that fails is told, and no more', async () => {
    const { log, lines } = recordingLog();
    const configuration = () => {
      throw new Error('none');
    };

    await warmUp({ configuration, image: 'sidecar:1', certificate, log });

    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['ERROR', 'review failed'],
      ['WARNING', 'the warm-up has failed'],
    ]);
  });
});
