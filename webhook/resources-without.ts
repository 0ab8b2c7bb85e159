import { withoutOurs } from './already-injected.ts';
import type { Pod } from './pod.ts';
import type { ResourcesWithout } from './policy/resource-outcome.ts';
import { readPodSettings, type PlatformSettings } from './read-pod-settings.ts';
import { sharedVolume } from './shared-volume.ts';
import { sidecarResources } from './sidecar-resources.ts';

/** What the sidecar of a pod would request, and be limited to, without some of the annotations; nothing where they are not accepted. */
export function resourcesWithoutOf(
  pod: Pod,
  annotations: Readonly<Record<string, string>>,
  platform: PlatformSettings,
): ResourcesWithout {
  return (keys) => {
    const others = Object.fromEntries(Object.entries(annotations).filter(([key]) => !keys.includes(key)));
    const { settings } = readPodSettings(others, platform);
    if (!settings) return {};
    const bare = withoutOurs(pod);
    return sidecarResources(bare, settings, sharedVolume(bare, settings).memoryBytes);
  };
}
