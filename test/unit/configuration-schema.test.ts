import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { exampleValues } from '../../scripts/annotations/example-values.ts';
import { profileNaming } from '../../shared/settings/naming.ts';
import { parseConfiguration } from '../../webhook/configuration/configuration.ts';
import { podSettings } from '../../webhook/pod-settings.ts';

const root = join(import.meta.dirname, '../..');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const isValid = new Ajv().compile(JSON.parse(read('docs/configuration.schema.json')) as object);
const head = { apiVersion: 'sync-sidecar.io/v1alpha1', kind: 'InjectionConfiguration' };

/** What the schema says of a file, and what the webhook does. */
function judge(text: string): { schema: boolean; webhook: boolean } {
  return {
    schema: isValid(parse(text)) as boolean,
    webhook: parseConfiguration(text, 'f').problems.length === 0,
  };
}

/** The values of the chart that a page writes into a file. */
function valuesIn(page: string): { configuration: object } {
  const [, values = ''] = /<<'EOF'\n(readers.*?)^EOF$/ms.exec(read(page)) ?? [];
  return parse(values) as { configuration: object };
}

const accepted: Record<string, string> = {
  'that in the values of README.md': stringify({ ...head, ...valuesIn('README.md').configuration }),
  'the one of docs/platform.md':
    /```yaml\n(apiVersion: sync-sidecar\.io.*?)```/s.exec(read('docs/platform.md'))?.[1] ?? '',
  'that of the golden pairs': read('test/unit/golden/configuration.yaml'),
  'one without anything': stringify(head),
  'one whose fields are blank': stringify({ ...head, defaults: null, profiles: { default: null }, policy: null }),
  'words in any case, and values that are no text': stringify({
    ...head,
    defaults: { method: ' list ', 'enable-5xx': true, 'req-timeout': 5, 'label-value': 1, 'log-level': '' },
  }),
  'lists, and settings of one sync': stringify({
    ...head,
    profiles: { loki: { syncs: ['rules', 'team-a'], 'rules.label': 'a', 'team-a.namespace': ['a', 'b'] } },
  }),
};

const refused: Record<string, object> = {
  'another version': { ...head, apiVersion: 'v1' },
  'another kind': { ...head, kind: 'ConfigMap' },
  'a field that there is not': { ...head, profile: {} },
  'a misspelt setting': { ...head, defaults: { 'log-levle': 'WARN' } },
  'a setting in the spelling of the environment': { ...head, defaults: { LOG_LEVEL: 'WARN' } },
  'what pods alone may say': { ...head, defaults: { inject: 'true' } },
  'a password': { ...head, defaults: { 'req-password': 'x' } },
  'a setting of the process for one sync': { ...head, defaults: { syncs: 'a', 'a.log-level': 'WARN' } },
  'another word': { ...head, defaults: { method: 'WACH' } },
  'a profile that is called true': { ...head, profiles: { true: {} } },
  'a profile in capitals': { ...head, profiles: { Grafana: {} } },
  'a rule that there is not': { ...head, policy: { images: [] } },
  'a rule that is no list': { ...head, policy: { namespaces: 'a' } },
  'a blank rule': { ...head, policy: { locked: null } },
  'a rule about a setting that there is not': { ...head, policy: { settings: { deny: ['scripts'] } } },
  'a rule about inject': { ...head, policy: { settings: { allow: ['inject'] } } },
  'a lock of what has no value but a pod’s': { ...head, policy: { locked: ['profile'] } },
  'a limit of something else': { ...head, policy: { resources: { disk: '1Gi' } } },
};

describe('the schema of the configuration file', () => {
  it.each(Object.entries(accepted))('accepts %s, as the webhook does', (_name, text) => {
    expect(judge(text)).toEqual({ schema: true, webhook: true });
  });

  it.each(Object.entries(refused))('refuses %s, as the webhook does', (_name, configuration) => {
    expect(judge(stringify(configuration))).toEqual({ schema: false, webhook: false });
  });

  it('has every setting of a profile, also for one sync, and no other', () => {
    const verdicts = Object.entries(exampleValues).flatMap(([row, value]) => {
      const name = profileNaming.spell({ row, sync: null });
      const names = row in podSettings.sync ? [name, `a.${name}`] : [name];
      // The other settings, of which some are refused without each other or beside each other, do not matter here.
      return names.map((one) => ({ one, ...judge(stringify({ ...head, defaults: { syncs: 'a', [one]: value } })) }));
    });

    expect(verdicts.filter(({ schema, webhook }) => schema !== webhook)).toEqual([]);
    expect(verdicts.filter(({ webhook }) => !webhook).map(({ one }) => one)).toEqual(['inject', 'profile']);
  });
});
