import { hostPattern } from '../../shared/settings/host-pattern.ts';
import { folder, type Kind } from '../../shared/settings/kind.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import {
  fieldOf,
  readFields,
  readList,
  readMapping,
  readValue,
  type FieldPlace,
} from '../configuration/configuration-fields.ts';
import { quantityValue } from '../quantity.ts';
import { imagePrefix } from './allowed-image.ts';
import { namespacePattern } from './name-pattern.ts';
import type { Policy, ProfileRule, ResourcesRule, SettingsRule } from './policy.ts';
import { lockableSetting, podSetting } from './setting-name.ts';

const fields = [
  'settings',
  'locked',
  'imagePrefixes',
  'resources',
  'namespaces',
  'folders',
  'urlHosts',
  'profiles',
] as const;

const settingsFields = ['allow', 'deny'] as const;
const resourcesFields = ['cpu', 'memory', 'volume'] as const;

const deeper = new Map([
  ...settingsFields.map((field) => [field, `settings.${field}`] as const),
  ...resourcesFields.map((field) => [field, `resources.${field}`] as const),
]);

/** Reads the policy of a configuration file, whose profiles are named `profiles`. */
export function readPolicy(value: unknown, profiles: readonly string[], place: FieldPlace): Policy {
  const given = readFields(value, fields, { ...place, deeper });
  const list = <T>(field: (typeof fields)[number], kind: Kind<T>): readonly T[] | undefined =>
    readList(given[field], kind, fieldOf(place, field));
  const rule = <T>(field: (typeof fields)[number], read: (value: unknown, place: FieldPlace) => T): T | undefined =>
    given[field] === undefined ? undefined : read(given[field], fieldOf(place, field));
  return withoutUndefined({
    settings: rule('settings', readSettingsRule),
    locked: list('locked', lockableSetting),
    imagePrefixes: list('imagePrefixes', imagePrefix),
    resources: rule('resources', readResourcesRule),
    namespaces: list('namespaces', namespacePattern),
    folders: list('folders', folder),
    urlHosts: list('urlHosts', hostPattern),
    profiles: rule('profiles', (rules, own) => readProfileRules(rules, profiles, own)),
  });
}

function readSettingsRule(value: unknown, place: FieldPlace): SettingsRule {
  const { allow, deny } = readFields(value, settingsFields, place);
  return withoutUndefined({
    allow: readList(allow, podSetting, fieldOf(place, 'allow')),
    deny: readList(deny, podSetting, fieldOf(place, 'deny')),
  });
}

const quantity: Kind<string> = {
  name: 'quantity',
  accepts: 'a quantity of Kubernetes, more than 0, such as 500m or 256Mi',
  parse: (given) => (quantityValue(given) > 0 ? given : undefined),
  print: (value) => value,
};

function readResourcesRule(value: unknown, place: FieldPlace): ResourcesRule {
  const { cpu, memory, volume } = readFields(value, resourcesFields, place);
  return withoutUndefined({
    cpu: readValue(cpu, quantity, fieldOf(place, 'cpu')),
    memory: readValue(memory, quantity, fieldOf(place, 'memory')),
    volume: readValue(volume, quantity, fieldOf(place, 'volume')),
  });
}

function readProfileRules(
  value: unknown,
  profiles: readonly string[],
  place: FieldPlace,
): ReadonlyMap<string, ProfileRule> {
  const rules = readMapping(value, 'is no mapping of profiles to rules', place);
  return new Map(
    Object.entries(rules).map(([name, rule]) => {
      const own = fieldOf(place, name);
      if (!profiles.includes(name)) {
        const nearest = nearestName(name, profiles);
        const fault = 'there is no such profile';
        place.problems.push({ where: own.where, kind: 'unknown', fault, accepts: profiles.join(', '), nearest });
      }
      const { namespaces } = readFields(rule, ['namespaces'], own);
      const patterns = readList(namespaces, namespacePattern, fieldOf(own, 'namespaces'));
      return [name, withoutUndefined({ namespaces: patterns })];
    }),
  );
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** A rule that is left out is not there: most rules that are there forbid something. */
function withoutUndefined<T extends object>(rules: T): Defined<T> {
  return Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== undefined)) as Defined<T>;
}
