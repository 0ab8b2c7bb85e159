import type { Kind } from '../../shared/settings/kind.ts';
import { profileNaming } from '../../shared/settings/naming.ts';
import type { Setting } from '../../shared/settings/setting.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import { lockableSetting, podSetting } from '../../webhook/policy/setting-name.ts';
import { defaultValue, meaningOf, podRows } from '../annotations/annotation-table.ts';
import { described, generousWords, list, mapping, reference, scalar, type Schema } from './schema-parts.ts';

/**
 * `docs/configuration.schema.json`, for editors and for checks before the file is applied. It knows all names, the types of values and the
 * closed lists of words; what a label, a quantity or a host may be is for the webhook to say, which refuses more.
 */
export function configurationSchema(): string {
  const schema = {
    // What most editors read.
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Made from the settings tables by `npm run generate`; changes here are lost.',
    title: 'InjectionConfiguration',
    description: "The webhook's configuration file: see docs/platform.md.",
    type: 'object',
    properties: {
      apiVersion: { const: 'sync-sidecar.io/v1alpha1' },
      kind: { const: 'InjectionConfiguration' },
      ...configurationFields(),
    },
    additionalProperties: false,
    required: ['apiVersion', 'kind'],
    definitions: configurationDefinitions(),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** What the file says, besides its apiVersion and kind; refers to the definitions. */
export function configurationFields(): Readonly<Record<'defaults' | 'profiles' | 'policy', Schema>> {
  return {
    defaults: described('For every pod, below its profile.', reference('profile')),
    profiles: {
      description: 'Profiles by name; a pod that chooses none has `default`.',
      type: ['object', 'null'],
      // The label of a namespace has the name of a profile, or true or false.
      propertyNames: { pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', not: { enum: ['true', 'false'] } },
      additionalProperties: reference('profile'),
    },
    policy: described('What pods may say for themselves; what is left out is allowed.', reference('policy')),
  };
}

/** What the fields refer to. */
export function configurationDefinitions(): Readonly<Record<string, Schema>> {
  return { profile: profile(), policy: policy(), ...settings() };
}

function profile(): Schema {
  const syncRows = profileRows().filter((row) => row in podSettings.sync);
  // The name of a sync is an RFC 1035 label.
  const ofSync = (row: string): string => `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?\\.${nameOf(row)}$`;
  return {
    ...mapping(Object.fromEntries(profileRows().map((row) => [nameOf(row), reference(nameOf(row))]))),
    patternProperties: Object.fromEntries(syncRows.map((row) => [ofSync(row), reference(nameOf(row))])),
  };
}

function settings(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(profileRows().map((row) => [nameOf(row), setting(row, podRows[row]!)]));
}

function setting(row: string, { kind }: Setting<unknown>): Schema {
  const value = defaultValue(row);
  return {
    description: `${meaningOf(row)} Accepts ${kind.accepts}.`,
    ...(value !== undefined && { default: value }),
    anyOf: [...valuesOf(kind), { type: 'null' }],
  };
}

/** The kinds whose values may be lists in YAML too. */
const lists = ['syncNames', 'namespaces', 'resourceNames', 'folders', 'hostPatterns', 'labelNames', 'variableSources'];

function valuesOf({ name, words }: Kind<unknown>): readonly Schema[] {
  if (name === 'boolean') return [{ type: 'boolean' }, generousWords(words ?? [])];
  if (name === 'oneOf') return [generousWords(words ?? [])];
  return lists.includes(name) ? [scalar, list(scalar)] : [scalar];
}

function policy(): Schema {
  const namesThat = (kind: Kind<string>): Schema => ({
    enum: Object.keys(podRows)
      .map(nameOf)
      .filter((name) => kind.parse(name) !== undefined),
  });
  const rule = (description: string, items: Schema = scalar): Schema => described(description, list(items));
  return mapping({
    settings: mapping({
      allow: rule('The settings that a pod may make; all where it is left out.', namesThat(podSetting)),
      deny: rule('Settings that a pod may not make, whatever `allow` says.', namesThat(podSetting)),
    }),
    locked: rule('Settings whose value a pod may repeat, but not change.', namesThat(lockableSetting)),
    imagePrefixes: rule('Registries, or paths in them, whose images a pod may choose; none where it is left out.'),
    resources: described('What no request, limit or size that a pod sets may exceed.', {
      ...mapping({ cpu: scalar, memory: scalar, volume: scalar }),
    }),
    namespaces: rule('Namespaces that pods may sync from besides their own; `*` stands for any text.'),
    folders: rule('Folders that `folder` may be, or lie below.'),
    urlHosts: rule('Hosts that `req-url` may name besides the pod itself.'),
    profiles: {
      description: 'Which namespaces may use a profile, by its name.',
      type: ['object', 'null'],
      additionalProperties: mapping({ namespaces: rule('Namespaces whose pods may use it.') }),
    },
  });
}

/** The rows that a profile may set. */
function profileRows(): string[] {
  return Object.keys(podRows).filter((row) => profileNaming.refusal(podRows[row]!) === undefined);
}

function nameOf(row: string): string {
  return profileNaming.spell({ row, sync: null });
}
