import { annotationNaming, environmentNaming, profileNaming } from '../shared/settings/naming.ts';
import { readSettings, type Reading } from '../shared/settings/read-settings.ts';
import type { Configuration, Profile } from './configuration.ts';
import { giveWay } from './give-way.ts';
import { podSettings, type PodSettings, type PodTable } from './pod-settings.ts';

/** What the platform says for a pod. */
export interface PlatformSettings {
  /** Of the profile. */
  readonly name: string;
  readonly profile: Profile;
  readonly configuration: Pick<Configuration, 'defaults'>;
}

/** What annotations and platform come to for a pod. */
export type PodReading = Omit<Reading<PodTable>, 'settings'> & { readonly settings: PodSettings | null };

/**
 * Pod, then profile, then the platform's defaults; last what is right where the sidecar starts before the application, and where who
 * may write a ConfigMap is not who may reach what the pod may reach.
 */
export function readPodSettings(
  annotations: Readonly<Record<string, string>>,
  { name, profile, configuration: { defaults } }: PlatformSettings,
): PodReading {
  const reading = readSettings(podSettings, [
    { naming: annotationNaming, entries: annotations },
    { naming: profileNaming, entries: profile },
    { naming: profileNaming, entries: defaults },
    { naming: environmentNaming, entries: { REQ_SKIP_INIT: 'true', URL_ALLOW_PRIVATE: 'false' } },
  ]);
  const { settings, origins } = reading;
  const givenBy = { origins, titles: [null, `profile ${name}`, 'defaults', null] };
  return { ...reading, settings: settings && giveWay({ ...settings, givenBy }) };
}
