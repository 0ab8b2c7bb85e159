import { integer, url, type Kind } from '../shared/settings/kind.ts';
import { annotationNaming, type Naming } from '../shared/settings/naming.ts';
import type { Origins, Settings } from '../shared/settings/read-settings.ts';
import { optionalSetting } from '../shared/settings/setting.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { credentialSettings, injectionSettings } from './injection-settings.ts';
import { mountedFolder } from './mounted-folder.ts';

const { sync } = sidecarSettings;

/** A URL without user name and password, which everybody who may read the pod could read. */
const urlWithoutUserinfo: Kind<string> = {
  ...url,
  accepts:
    'an http:// or https:// URL without user name and password; those come from req-username-from and req-password-from',
  parse: (given) => (hasUserinfo(given) ? undefined : url.parse(given)),
  explain: (given) => (hasUserinfo(given) ? { fault: 'has a user name or a password in it' } : undefined),
};

/** Everything that may be set on a pod: the sidecar's settings, of which some mean more there, and those of the injection. */
export const podSettings = {
  process: {
    ...sidecarSettings.process,
    HEALTH_PORT: optionalSetting({
      kind: integer({ min: 1, max: 65535 }),
      defaultText: 'the first port from 18080 on that no container declares',
      description: 'Port of the health endpoints, which the injected probes ask.',
    }),
    ...injectionSettings,
  },
  sync: {
    ...sync,
    FOLDER: { ...sync.FOLDER, kind: mountedFolder },
    REQ_URL: { ...sync.REQ_URL, kind: urlWithoutUserinfo },
    REQ_USERNAME: { ...sync.REQ_USERNAME, alternatives: ['REQ_USERNAME_FROM'] },
    URL_USERNAME: { ...sync.URL_USERNAME, alternatives: ['URL_USERNAME_FROM'] },
    // A pod has no files of credentials before its sidecar starts, and no secrets in its annotations.
    REQ_USERNAME_FILE: { ...sync.REQ_USERNAME_FILE, instead: 'REQ_USERNAME_FROM' },
    REQ_PASSWORD: { ...sync.REQ_PASSWORD, instead: 'REQ_PASSWORD_FROM' },
    REQ_PASSWORD_FILE: { ...sync.REQ_PASSWORD_FILE, instead: 'REQ_PASSWORD_FROM' },
    URL_USERNAME_FILE: { ...sync.URL_USERNAME_FILE, instead: 'URL_USERNAME_FROM' },
    URL_PASSWORD: { ...sync.URL_PASSWORD, instead: 'URL_PASSWORD_FROM' },
    URL_PASSWORD_FILE: { ...sync.URL_PASSWORD_FILE, instead: 'URL_PASSWORD_FROM' },
    ...credentialSettings,
  },
};

export type PodTable = typeof podSettings;
export interface PodSettings extends Settings<PodTable> {
  /** Where the values come from; left out, from annotations. */
  readonly givenBy?: GivenBy;
}

export interface GivenBy {
  readonly origins: Origins;
  /** What people call the sources, the strongest first; null for the annotations, and for what no person wrote. */
  readonly titles: readonly (string | null)[];
}

type PodRow = keyof PodTable['process'] | keyof PodTable['sync'];

/** A setting as whoever gave its value knows it, for messages: `profile grafana: volume` is nothing that the pod says. */
export function spellingOf({ givenBy }: PodSettings, row: PodRow, sync: string | null = null): string {
  return namingOf(givenBy).spell({ row, sync });
}

/** How the settings of a pod are spelled, each as the source of its value does; a setting without one is an annotation. */
export function namingOf(givenBy: GivenBy | undefined): Naming {
  return {
    ...annotationNaming,
    spell: (place) => {
      const origin = givenBy?.origins.get(place.sync)?.get(place.row);
      const title = origin && givenBy?.titles[origin.strength];
      return title ? `${title}: ${origin.key}` : annotationNaming.spell(place);
    },
  };
}

/** How strong the source of a value is; 0 is the pod itself. */
export function strengthOf({ givenBy }: PodSettings, row: PodRow, sync: string | null = null): number {
  return givenBy?.origins.get(sync)?.get(row)?.strength ?? 0;
}

function hasUserinfo(given: string): boolean {
  const parsed = URL.parse(given.trim());
  return parsed !== null && (parsed.username !== '' || parsed.password !== '');
}
