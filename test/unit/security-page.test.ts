import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { profileNaming } from '../../shared/settings/naming.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import { reasons } from '../../webhook/reasons.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

interface RbacObject {
  kind: string;
  metadata: { namespace?: string };
  rules?: { resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

/** Every permission of `manifests/base/rbac.yaml`, in the words of the page: what, where, verbs. */
function granted(): string[][] {
  const documents = parseAllDocuments(readFileSync(join(root, 'manifests/base/rbac.yaml'), 'utf8'));
  const objects = documents.map((document) => document.toJS() as RbacObject);
  return objects.flatMap(({ metadata: { namespace }, rules = [] }) =>
    rules.flatMap(({ resources, resourceNames = [], verbs }) =>
      resources.map((resource) => [
        [resource, ...resourceNames.map((name) => `\`${name}\``)].join(' '),
        namespace === undefined ? 'the cluster' : `the namespace ${namespace}`,
        verbs.join(', '),
      ]),
    ),
  );
}

describe('docs/security.md', () => {
  it('says of every right of the webhook what it is for, and names no other', () => {
    const [, table = ''] = /### The webhook\n(.*?)\n### /s.exec(page) ?? [];
    const [, , ...lines] = table.split('\n').filter((line) => line.startsWith('|'));
    const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));

    expect(cells.map(([, what, where, verbs]) => [what, where, verbs])).toEqual(granted());
    expect(cells.map(([, , , , reason]) => reason)).not.toContain('');
  });

  it('speaks of settings and rules that there are', () => {
    const rows = Object.keys({ ...podSettings.process, ...podSettings.sync });
    const settings = rows.map((row) => profileNaming.spell({ row, sync: null }));
    const named = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)(?:: [^`]*)?`/g)].map(([, name = '']) => name);
    const rules = [...page.matchAll(/`policy\.([a-zA-Z]+)/g)].map(([, rule = '']) => rule);
    const { definitions } = JSON.parse(readFileSync(join(root, 'docs/configuration.schema.json'), 'utf8')) as {
      definitions: { policy: { properties: object } };
    };

    const others = ['sync-sidecar', 'sync-sidecar-ca', 'sync-sidecar-webhook', ...Object.keys(reasons)];
    expect(named.filter((name) => ![...settings, ...others].includes(name))).toEqual([]);
    expect(rules.filter((rule) => !Object.hasOwn(definitions.policy.properties, rule))).toEqual([]);
    expect(named).toContain('url-allowed-hosts');
    expect(rules).toContain('imagePrefixes');
  });
});
