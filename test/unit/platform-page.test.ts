import { beforeAll, describe, expect, it } from '@jest/globals';
import { profileNaming } from '../../shared/settings/naming.ts';
import { inOneLine } from '../../shared/settings/problem.ts';
import { parseConfiguration, type Configuration } from '../../webhook/configuration/configuration.ts';
import { decide } from '../../webhook/decision.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import { readPlatformPage, type PlatformPage } from '../product/platform-page.ts';

let page: PlatformPage;
let configuration: Configuration | null;

beforeAll(async () => {
  page = await readPlatformPage();
  ({ configuration } = parseConfiguration(page.configuration, 'docs/platform.md'));
});

/** The decision about a pod of a namespace of a team. */
function decidePod(settings: Record<string, string>): { reason: string; message?: string } {
  const entries = Object.entries({ inject: 'true', ...settings });
  const annotations = Object.fromEntries(entries.map(([name, value]) => [`sync-sidecar.io/${name}`, value]));
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
  if (!configuration) throw new Error('the configuration is not accepted');
  return decide(pod, { namespace: 'team-a', namespaceLabel: undefined, configuration, image: 'sidecar:1' });
}

describe("the page for platform teams, docs/platform.md's configuration file", () => {
  it('is accepted', () => {
    expect(parseConfiguration(page.configuration, 'f').problems).toEqual([]);
  });

  it('has every rule of a policy', () => {
    const rules = Object.keys(configuration?.policy ?? {}).sort();

    expect(rules).toEqual(
      ['settings', 'locked', 'imagePrefixes', 'resources', 'namespaces', 'folders', 'urlHosts', 'profiles'].sort(),
    );
  });

  it.each(['grafana', 'grafana-shared', 'loki'])('has a profile that is all that a pod needs: %s', (profile) => {
    expect(decidePod({ profile }).reason).toBe('injected');
  });

  it('refuses what the page says, in these words', () => {
    const { message = '' } = decidePod({ profile: 'grafana', namespace: 'kube-system' });

    expect(page.text).toContain(`\`\`\`text\n${inOneLine(message)}\n\`\`\``);
  });
});

it('the page for platform teams names every setting that only a profile may make', () => {
  const rows = Object.entries({ ...podSettings.process, ...podSettings.sync });
  const names = rows
    .filter(([, { annotation }]) => annotation === 'profile-only')
    .map(([row]) => `\`${profileNaming.spell({ row, sync: null })}\``);

  expect(names.filter((name) => !page.text.includes(name))).toEqual([]);
});
