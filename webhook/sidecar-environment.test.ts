import { expect, it } from '@jest/globals';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import { planInjection } from './injection.ts';

it('the environment of the sidecar has the port of its pod, though pods say the same', () => {
  const settings = podSettingsOf({ label: 'a', folder: '/a' });
  const portIn = (declared: readonly number[]): string | undefined => {
    const ports = declared.map((containerPort) => ({ containerPort }));
    const { injection } = planInjection({ spec: { containers: [{ name: 'app', ports }] } }, settings, 'image');
    return injection?.container.env?.find(({ name }) => name === 'HEALTH_PORT')?.value;
  };

  expect([[], [18080], [18080, 18081], []].map(portIn)).toEqual(['18080', '18081', '18082', '18080']);
});
