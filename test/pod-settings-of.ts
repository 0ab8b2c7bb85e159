import { annotationNaming, domain } from '../shared/settings/naming.ts';
import { describeProblems } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { podSettings, type PodSettings } from '../webhook/pod-settings.ts';

/** Annotations of our domain; `dashboards/label` is one for the sync `dashboards`. */
export function ourAnnotations(settings: Readonly<Record<string, string>>): Record<string, string> {
  const keyOf = (name: string): string => {
    const [setting = '', sync] = name.split('/').reverse();
    return `${sync === undefined ? '' : `${sync}.`}${domain}/${setting}`;
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [keyOf(name), value]));
}

/** The settings that such annotations give. */
export function podSettingsOf(annotations: Readonly<Record<string, string>>): PodSettings {
  const entries = ourAnnotations(annotations);
  const { settings, problems } = readSettings(podSettings, [{ naming: annotationNaming, entries }]);
  if (!settings) throw new Error(describeProblems(problems));
  return settings;
}
