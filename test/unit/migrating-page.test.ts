import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { emptyConfiguration } from '../../webhook/configuration/configuration.ts';
import { decide } from '../../webhook/decision.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import type { Pod } from '../../webhook/pod.ts';

const page = readFileSync(new URL('../../docs/migrating-from-kiwigrid.md', import.meta.url), 'utf8');
const [, section = ''] = /^## To annotations\n(.*?)^## /ms.exec(page) ?? [];
const options = { namespace: 'monitoring', namespaceLabel: undefined, configuration: emptyConfiguration, image: 'x' };

it('what the page on migrating makes of the Grafana chart is injected', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(section) ?? [];
  const pod = { ...(parse(yaml) as Pod), spec: { containers: [{ name: 'grafana' }] } };

  expect(decide(pod, options).reason).toBe('injected');
});

it('what the page on migrating says of a variable in a URL is so: it stays as it stands', () => {
  const annotations = {
    'sync-sidecar.io/inject': 'true',
    'sync-sidecar.io/label': 'a',
    'sync-sidecar.io/folder': '/a',
    'sync-sidecar.io/req-url': 'http://localhost:8080/?casc-reload-token=$(POD_NAME)',
  };
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'jenkins' }] } };

  // The kubelet makes one dollar sign of two.
  expect(JSON.stringify(decide(pod, options))).toContain('casc-reload-token=$$(POD_NAME)');
});

it.each([
  ['profile-only', 'only a profile'],
  ['no', "can't be, nor can"],
])('the page on migrating names settings that are %s where it says "%s"', (annotation, words) => {
  const [line = ''] = section.split('\n').filter((text) => text.includes(words));
  const rows = { ...podSettings.process, ...podSettings.sync };
  const named = Object.entries(rows).filter(([row]) => new RegExp(`\\b${row}\\b`).test(line));

  expect(named.length).toBeGreaterThan(3);
  expect(named.filter(([, row]) => row.annotation !== annotation).map(([row]) => row)).toEqual([]);
});
