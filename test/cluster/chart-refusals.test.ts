import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartDirectory, writeValues } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { alertsIn } from '../product/monitoring.ts';
import { environment, render } from './rendered-chart.ts';
import { folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

describe('values that do not go together are refused', () => {
  const rules = readFileSync(join(chartDirectory, 'files/alerts.yaml'), 'utf8');
  const alerts = alertsIn(parse(rules)).map(({ alert }) => alert);
  const pem = '-----BEGIN CERTIFICATE-----\n';

  it.each<[object, string]>([
    [{ port: 8080 }, 'metricsPort: is 8080, as port is; choose another one, or 0 for no metrics'],
    [
      { tls: { mode: 'files', secretName: '' } },
      'tls.secretName: is required with tls.mode=files and empty; name the Secret that has tls.crt and tls.key',
    ],
    [
      { tls: { caBundle: pem } },
      'tls.caBundle: has no effect with tls.mode=self, which sees to the caBundle; set tls.mode=files or leave it out',
    ],
    [
      { tls: { mode: 'files', caBundle: `${pem}-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n` } },
      'tls.caBundle: has a private key, which everybody could read who may read webhook configurations; give the certificate of the CA alone',
    ],
    [
      { tls: { mode: 'files', issuerRef: { name: 'ca' } } },
      'tls.issuerRef: has no effect with tls.mode=files; set tls.mode=cert-manager or leave it out',
    ],
    [
      { readers: [{ namespace: 'a' }, { namespace: 'a', kinds: ['ConfigMap', 'Secret'] }] },
      'readers: a is named more than once; name it once, with all its kinds',
    ],
    [
      { readers: [{ namespace: 'a', kinds: ['Secret'] }] },
      'readers: the kinds of a are Secret alone, for which there is no role; add ConfigMap',
    ],
    [
      { extraEnv: [{ name: 'LOG_LEVEL', value: 'DEBUG' }] },
      'extraEnv: LOG_LEVEL is set by the chart; use the value log.level',
    ],
    [
      { extraEnv: [{ name: 'CA_SECRET', value: 'a/b' }] },
      "extraEnv: CA_SECRET would name an object that the webhook has no right to; the chart's own has a fixed name, so leave it out",
    ],
    [
      { metricsPort: 0, monitoring: { serviceMonitor: { enabled: true } } },
      'monitoring.serviceMonitor.enabled: has nothing to scrape with metricsPort=0; choose a port or leave it out',
    ],
    [
      { monitoring: { prometheusRule: { enabled: true, disabled: [alerts[0], 'SyncSidecarGone'] } } },
      `monitoring.prometheusRule.disabled: there is no alert SyncSidecarGone; there are ${alerts.join(', ')}`,
    ],
  ])('%j', async (values, words) => {
    expect(await refusal(values)).toBe(words);
  });

  // The API server would refuse two variables of one name.
  it('extraEnv with any variable that the chart sets', async () => {
    const more = { port: 9443, metricsPort: 0, log: { level: 'DEBUG', format: 'JSON' }, warnings: { enabled: false } };
    const files = { ...more, tls: { mode: 'files' } };
    const set = { ...environment(await render(more, 'platform')), ...environment(await render(files)) };

    expect(Object.keys(set)).toHaveLength(11);
    for (const name of Object.keys(set))
      expect(await refusal({ extraEnv: [{ name, value: '' }] })).toMatch(new RegExp(`^extraEnv: ${name} (is|would) `));
  });

  /** The words of the chart. */
  async function refusal(values: object): Promise<string | undefined> {
    const file = await writeValues({ values, folder: folder.path });
    const { code, stderr } = await helm.helm(['template', 'sync-sidecar', chartDirectory, '--values', file]);
    expect(code).toBe(1);
    return /^Error: execution error at \(\S+\): (.*)$/m.exec(stderr)?.[1];
  }
});
