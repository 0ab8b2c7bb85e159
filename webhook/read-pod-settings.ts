import { annotationNaming, domain, environmentNaming, profileNaming } from '../shared/settings/naming.ts';
import { readSettings, type Reading } from '../shared/settings/read-settings.ts';
import type { Configuration, Profile } from './configuration/configuration.ts';
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
export function readPodSettings(annotations: Annotations, platform: PlatformSettings): PodReading {
  const { name, configuration } = platform;
  const key = JSON.stringify([name, ...Object.entries(annotations).filter(([name]) => name.includes(domain))]);
  const readings = recentReadings.get(configuration) ?? new Map<string, PodReading>();
  recentReadings.set(configuration, readings);
  const known = readings.get(key);
  if (known) return known;
  const reading = read(annotations, platform);
  if (key.length <= longestKey) remember(readings, key, reading);
  return reading;
}

type Annotations = Readonly<Record<string, string>>;

/**
 * What is the same for all pods of a controller, which come in crowds: to read it is half of a decision. For each configuration, as
 * another one means something else by the same words.
 */
const recentReadings = new WeakMap<PlatformSettings['configuration'], Map<string, PodReading>>();
const mostReadings = 200;
// Characters. Nobody's crowd of pods says more, and what is kept stays small.
const longestKey = 8192;

function remember(readings: Map<string, PodReading>, key: string, reading: PodReading): void {
  // The first key of a Map is its oldest one.
  if (readings.size >= mostReadings) readings.delete(readings.keys().next().value ?? '');
  readings.set(key, reading);
}

function read(annotations: Annotations, { name, profile, configuration: { defaults } }: PlatformSettings): PodReading {
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
