import { domain } from '../../shared/settings/naming.ts';
import { emptyConfiguration } from '../../webhook/configuration/configuration.ts';
import { settingsOf } from '../../webhook/decision.ts';
import type { PodSettings } from '../../webhook/pod-settings.ts';

/** What a pod may not leave out. */
export const smallestAnnotations = {
  [`${domain}/inject`]: 'true',
  [`${domain}/label`]: 'dashboard',
  [`${domain}/folder`]: '/etc/dashboards',
};

/** The settings of a pod that says no more: all others are defaults. */
export const smallest: PodSettings = readSmallest();

function readSmallest(): PodSettings {
  const options = { namespace: 'x', namespaceLabel: undefined, configuration: emptyConfiguration, image: 'x' };
  const settings = settingsOf({ metadata: { annotations: smallestAnnotations } }, options);
  if (!settings) throw new Error('a pod may leave out less than it did');
  return settings;
}
