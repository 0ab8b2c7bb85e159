import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod, Volume } from '../../webhook/pod.ts';
import type { Manifest } from './webhook-manifests.ts';

interface PodManifests {
  readonly pod: Pod;
  /** Its ConfigMaps and Secrets are among them. */
  readonly manifests: readonly Manifest[];
}

type PodVolume = Volume & {
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
};

/** Makes a folder for each volume of a pod, as the kubelet does; answers them by the names of the volumes. */
export function makeVolumes(folder: string, { pod, manifests }: PodManifests): Map<string, string> {
  const { volumes = [], securityContext } = pod.spec ?? {};
  const { fsGroup } = (securityContext ?? {}) as { fsGroup?: number };
  return new Map(
    (volumes as PodVolume[]).map((volume) => {
      const path = join(folder, volume.name);
      mkdirSync(path, { recursive: true });
      for (const [name, content] of Object.entries(filesOf(volume, manifests)))
        writeFileSync(join(path, name), content);
      if (volume.emptyDir) openTo(path, fsGroup);
      return [volume.name, path];
    }),
  );
}

/** What a container has mounted, as container.sh takes it: a folder before those in it. */
export function mountsOf(
  { volumeMounts = [] }: Pick<Container, 'volumeMounts'>,
  volumes: ReadonlyMap<string, string>,
): string[] {
  return volumeMounts
    .toSorted((one, other) => one.mountPath.localeCompare(other.mountPath))
    .map(({ name, mountPath, readOnly }) => `${volumes.get(name)}=${mountPath}${readOnly ? ':ro' : ''}`);
}

function filesOf({ configMap, secret }: PodVolume, manifests: readonly Manifest[]): Record<string, string> {
  const find = (kind: string, name: string): Manifest | undefined =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (configMap) return (find('ConfigMap', configMap.name)?.data ?? {}) as Record<string, string>;
  if (secret) return (find('Secret', secret.secretName)?.stringData ?? {}) as Record<string, string>;
  return {};
}

/** Anybody may write to an emptyDir; with an fsGroup what is made in it is the group's. */
function openTo(path: string, fsGroup: number | undefined): void {
  if (fsGroup !== undefined) chownSync(path, 0, fsGroup);
  chmodSync(path, fsGroup === undefined ? 0o777 : 0o2777);
}
