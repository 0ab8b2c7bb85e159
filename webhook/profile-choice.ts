import { annotationNaming, domain } from '../shared/settings/naming.ts';
import { nearestName } from '../shared/settings/nearest-name.ts';
import { describeProblems } from '../shared/settings/problem.ts';
import type { Configuration, Profile } from './configuration.ts';

/** The label by which a namespace asks for the sidecar in all its pods: `true` or the name of a profile. */
export const namespaceLabelKey = `${domain}/inject`;

/** Whether a namespace, by the value of its label, asks for the sidecar. */
export function isOptedIn(namespaceLabel: string | undefined): boolean {
  return namespaceLabel !== undefined && namespaceLabel.toLowerCase() !== 'false';
}

export interface ProfileChoice {
  readonly namespaceLabel: string | undefined;
  readonly configuration: Configuration;
}

/** The profile of a pod: by its annotation, else by the label of the namespace, else `default`; or why it has none. */
export function chooseProfile(
  annotations: Readonly<Record<string, string>>,
  { namespaceLabel, configuration }: ProfileChoice,
): { profile: Profile } | { message: string } {
  const key = annotationNaming.spell({ row: 'PROFILE', sync: null });
  const annotated = annotations[key]?.trim();
  const labelled = isOptedIn(namespaceLabel) && namespaceLabel?.toLowerCase() !== 'true' ? namespaceLabel : undefined;
  const name = (annotated || labelled) ?? 'default';
  const profile = configuration.profiles.get(name);
  if (profile) return { profile };
  const names = [...configuration.profiles.keys()];
  const where = annotated ? key : `label ${namespaceLabelKey} of the namespace`;
  const nearest = nearestName(name, names);
  const fault = 'there is no such profile';
  return {
    message: describeProblems([{ where, kind: 'unknown', given: name, fault, accepts: names.join(', '), nearest }]),
  };
}
