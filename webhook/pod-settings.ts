import { boolean, duration, integer, text } from '../shared/settings/kind.ts';
import type { Settings } from '../shared/settings/read-settings.ts';
import { optionalSetting, setting } from '../shared/settings/setting.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';

/** The settings of an injection, beside those of the sidecar itself. */
export const injectionSettings = {
  INJECT: optionalSetting({
    kind: boolean,
    annotation: 'pod-only',
    defaultText: 'what the label `sync-sidecar.io/inject` of the namespace says',
    description: 'Whether the pod gets the sidecar.',
  }),
  PROFILE: optionalSetting({
    kind: text('the name of a profile'),
    annotation: 'pod-only',
    defaultText: 'the profile that the label of the namespace names, else `default`',
    description: "Profile of the webhook's configuration that gives the defaults of this pod.",
  }),
  STARTUP_TIMEOUT: setting({
    kind: duration,
    default: 120_000,
    description: 'How long the first sync may take; afterwards the kubelet restarts the sidecar.',
  }),
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
  sync: sidecarSettings.sync,
};

export type PodTable = typeof podSettings;
export type PodSettings = Settings<PodTable>;
