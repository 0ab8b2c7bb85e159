import { isRecord } from '../../shared/is-record.ts';
import { profileNaming } from '../../shared/settings/naming.ts';
import { faultAt, type Problem } from '../../shared/settings/problem.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { podSettings } from '../pod-settings.ts';
import type { Policy } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { fieldOf, readMapping, readText, unknownField, type FieldPlace } from './configuration-fields.ts';
import { readYaml } from './yaml-content.ts';

/** Settings by name, as a profile spells them: `req-url`, or `dashboards.req-url` for one sync. */
export type Profile = Readonly<Record<string, string>>;

/** What a platform team says about injection. */
export interface Configuration {
  /** Below every profile. */
  readonly defaults: Profile;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** What pods may say; without it all but the image. */
  readonly policy?: Policy;
}

const apiVersion = 'sync-sidecar.io/v1alpha1';
const kind = 'InjectionConfiguration';
const fields = ['apiVersion', 'kind', 'defaults', 'profiles', 'policy'];

/** Without a configuration file: one profile, `default`, that sets nothing. */
export const emptyConfiguration: Configuration = { defaults: {}, profiles: new Map([['default', {}]]) };

/** Reads the text of a configuration file (YAML); `where` is what problems name it by. */
export function parseConfiguration(
  text: string,
  where: string,
): { configuration: Configuration | null; problems: Problem[] } {
  const { content, faults } = readYaml(text);
  if (faults.length > 0) {
    return { configuration: null, problems: faults.map((text) => faultAt(where, text)) };
  }
  if (!isRecord(content)) return { configuration: null, problems: [faultAt(where, 'is empty or no YAML mapping')] };
  const problems = [...headProblems(content, where)];
  const defaults = readProfile(content.defaults, {}, { where: `${where}: defaults`, problems });
  const profiles = readProfiles(content.profiles, defaults, { where: `${where}: profiles`, problems });
  const policy = readPolicy(content.policy, [...profiles.keys()], { where: `${where}: policy`, problems });
  if (problems.length > 0) return { configuration: null, problems };
  return { configuration: { defaults, profiles, ...(isRecord(content.policy) && { policy }) }, problems };
}

function* headProblems(content: Record<string, unknown>, where: string): Generator<Problem> {
  if (content.apiVersion !== apiVersion) yield notAccepted(`${where}: apiVersion`, content.apiVersion, apiVersion);
  if (content.kind !== kind) yield notAccepted(`${where}: kind`, content.kind, kind);
  for (const field of Object.keys(content).filter((name) => !fields.includes(name))) {
    yield unknownField(`${where}: ${field}`, field, fields);
  }
}

function readProfiles(value: unknown, defaults: Profile, place: FieldPlace): Map<string, Profile> {
  const profiles = new Map<string, Profile>([['default', {}]]);
  const mapping = readMapping(value, 'is no mapping of names to profiles', place);
  for (const [name, profile] of Object.entries(mapping)) {
    // A namespace chooses a profile by a label whose value may also be true or false.
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || ['true', 'false'].includes(name)) {
      const words = 'is no name for a profile: small letters, digits and "-", not true or false';
      place.problems.push(faultAt(fieldOf(place, name).where, words));
    }
    profiles.set(name, readProfile(profile, defaults, fieldOf(place, name)));
  }
  return profiles;
}

/** The settings of a profile, which may speak of the syncs that the defaults name. */
function readProfile(value: unknown, defaults: Profile, { where, problems }: FieldPlace): Profile {
  const mapping = readMapping(value, 'is no mapping of settings to values', { where, problems });
  const entries = Object.fromEntries(
    Object.entries(mapping).map(([name, setting]) => [name, readText(setting, fieldOf({ where, problems }, name))]),
  );
  const sources = [entries, defaults].map((source) => ({ naming: profileNaming, entries: source }));
  const { problems: found } = readSettings(podSettings, sources);
  // A profile need not be complete: the pod may say the rest.
  const own = found.filter(({ kind, where: key }) => kind !== 'missing' && Object.hasOwn(entries, key));
  problems.push(...own.map((problem) => ({ ...problem, where: `${where}.${problem.where}` })));
  return entries;
}

function notAccepted(where: string, given: unknown, accepts: string): Problem {
  const shown = typeof given === 'string' || given === null || given === undefined ? { given: given ?? '' } : {};
  return { where, kind: 'not-accepted', ...shown, fault: 'is not accepted', accepts };
}
