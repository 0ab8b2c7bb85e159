import { annotationNaming, domain } from '../shared/settings/naming.ts';
import { nearestName } from '../shared/settings/nearest-name.ts';
import type { Problem } from '../shared/settings/problem.ts';
import type { Configuration, Profile } from './configuration/configuration.ts';
import { matchesPattern } from './policy/name-pattern.ts';

/** The label by which a namespace asks for the sidecar in all its pods: `true` or the name of a profile. */
export const namespaceLabelKey = `${domain}/inject`;

/** Whether a namespace, by the value of its label, asks for the sidecar. */
export function isOptedIn(namespaceLabel: string | undefined): boolean {
  return namespaceLabel !== undefined && namespaceLabel.toLowerCase() !== 'false';
}

export interface ProfileOptions {
  /** The pod's own. */
  readonly namespace: string;
  /** The value of the namespace's label. */
  readonly namespaceLabel: string | undefined;
  readonly configuration: Configuration;
}

/** The profile of a pod, and what speaks against it; without a profile there is none of that name. */
export type ProfileChoice = { readonly name: string } & (
  { readonly profile: Profile; readonly problem?: Problem } | { readonly profile: null; readonly problem: Problem }
);

/** Chooses by the pod's annotation, else by the label of its namespace, else `default`. */
export function chooseProfile(
  annotations: Readonly<Record<string, string>>,
  { namespace, namespaceLabel, configuration }: ProfileOptions,
): ProfileChoice {
  const { where, name } = nameProfile(annotations, namespaceLabel);
  const profile = configuration.profiles.get(name) ?? null;
  const usable = usableProfiles(configuration, namespace);
  if (profile && usable.includes(name)) return { name, profile };
  const accepts = usable.join(', ') || 'no profile';
  if (profile) {
    const fault = `is not for the namespace ${namespace}: policy.profiles.${name}.namespaces`;
    return { name, profile, problem: { where, kind: 'policy', given: name, fault, accepts } };
  }
  const nearest = nearestName(name, usable);
  const fault = 'there is no such profile';
  return { name, profile, problem: { where, kind: 'unknown', given: name, fault, accepts, nearest } };
}

const profileKey = annotationNaming.spell({ row: 'PROFILE', sync: null });

function nameProfile(
  annotations: Readonly<Record<string, string>>,
  namespaceLabel: string | undefined,
): { where: string; name: string } {
  const annotated = annotations[profileKey]?.trim();
  if (annotated) return { where: profileKey, name: annotated };
  const isLabelled = isOptedIn(namespaceLabel) && namespaceLabel?.toLowerCase() !== 'true';
  const where = isLabelled ? `label ${namespaceLabelKey} of the namespace` : profileKey;
  return { where, name: (isLabelled ? namespaceLabel : undefined) ?? 'default' };
}

function usableProfiles({ profiles, policy }: Configuration, namespace: string): string[] {
  return [...profiles.keys()].filter((name) => {
    const patterns = policy?.profiles?.get(name)?.namespaces;
    return patterns?.some((pattern) => matchesPattern(namespace, pattern)) ?? true;
  });
}
