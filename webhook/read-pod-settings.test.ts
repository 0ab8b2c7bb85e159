import { describe, expect, it } from '@jest/globals';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import { emptyConfiguration } from './configuration/configuration.ts';
import { readPodSettings, type PodReading } from './read-pod-settings.ts';

const platform = { name: 'default', profile: {}, configuration: { defaults: {} } };

function read(settings: Record<string, string>, configuration = platform.configuration): PodReading {
  const others = { 'example.com/note': crypto.randomUUID() };
  return readPodSettings(
    { ...others, ...ourAnnotations({ folder: '/a', ...settings }) },
    { ...platform, configuration },
  );
}

describe('what annotations and platform come to', () => {
  it('is read once for pods that say the same, whatever else they say', () => {
    expect(read({ label: 'a' })).toBe(read({ label: 'a' }));
  });

  it('is read for each that says something else', () => {
    expect(
      [read({ label: 'a' }), read({ label: 'b' })].map(({ settings }) => settings?.syncs[0]?.settings.LABEL),
    ).toEqual(['a', 'b']);
  });

  it('is read anew with another configuration, though it says the same', () => {
    const reading = read({ label: 'a' });

    expect(read({ label: 'a' }, emptyConfiguration)).not.toBe(reading);
    expect(read({ label: 'a' }, { defaults: {} })).toEqual(reading);
  });

  it('is read for each profile', () => {
    const annotations = ourAnnotations({ label: 'a' });
    const profile = { folder: '/of-the-profile' };

    const readings = [
      { ...platform, profile: { folder: '/of-default' } },
      { ...platform, name: 'other', profile },
    ].map((one) => readPodSettings(annotations, one));

    expect(readings.map(({ settings }) => settings?.syncs[0]?.settings.FOLDER)).toEqual([
      '/of-default',
      '/of-the-profile',
    ]);
  });

  it('is forgotten for the oldest of two hundred', () => {
    const [first, second] = [read({ label: 'first' }), read({ label: 'second' })];
    for (let other = 0; other < 199; other++) read({ label: `other-${other}` });

    expect(read({ label: 'second' })).toBe(second);
    expect(read({ label: 'first' })).not.toBe(first);
  });

  it('is not kept of a pod that says more than pods say', () => {
    const long = 'x'.repeat(4000);
    const much = { label: 'a', 'req-url': `http://${long}`, 'req-payload': long, script: `/${'x'.repeat(400)}` };

    expect(read(much)).not.toBe(read(much));
  });
});
