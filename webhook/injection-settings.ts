import { boolean, duration, integer, oneOf, text, type Kind } from '../shared/settings/kind.ts';
import { labelName, labelNames } from '../shared/settings/kubernetes-kind.ts';
import { optionalSetting, setting } from '../shared/settings/setting.ts';
import { imageName } from './image.ts';
import { cpuQuantity, memoryQuantity } from './quantity.ts';
import { secretKey } from './secret-key.ts';
import { variableSources } from './variable-sources.ts';

/** With less the sidecar is killed at its start, or by its first list: what it held came to 20 MiB with 20 ConfigMaps of 10 KiB. */
export const leastMemoryMi = 32;

// What the API server takes for a user or a group.
const longestId = 2 ** 31 - 1;

/** A user or a group that isn't root: the Pod Security Standard "restricted" forbids that one. */
const unprivilegedId: Kind<number> = {
  ...integer({ min: 1, max: longestId }),
  explain: (given) => (/^[+-]?0+$/.test(given.trim()) ? { fault: 'is root, which the sidecar never is' } : undefined),
};

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
  POSITION: setting({
    kind: labelName('first, last or the name of an init container'),
    default: 'first',
    description:
      'Where among the init containers the sidecar starts: before all others, after all others, or after the one of this name. Init containers before it do not see the folders. Where the proxy of a mesh is a native sidecar, `first` is after that.',
  }),
  MOUNT_CONTAINERS: optionalSetting({
    kind: labelNames('a comma separated list of containers of the pod'),
    defaultText:
      'every container, and every init container that starts after the sidecar, but those that mount what a folder lies in',
    description: 'Containers, init containers too, that see the folders; always read-only.',
  }),
  VOLUME: optionalSetting({
    alternatives: ['VOLUME_MEDIUM', 'VOLUME_SIZE_LIMIT'],
    kind: labelName('the name of a volume of the pod'),
    defaultText: 'an emptyDir of its own',
    description:
      "Volume of the pod that holds the files, in its folder `sync-sidecar`. The sidecar's user must be able to write there. Workloads that share the volume need different folders.",
  }),
  VOLUME_MEDIUM: optionalSetting({
    alternatives: ['VOLUME'],
    kind: oneOf('memory', 'disk'),
    defaultText: '`memory` where Secrets are synced, else `disk`',
    description: 'What the emptyDir is made of. Secrets never get to a disk.',
  }),
  VOLUME_SIZE_LIMIT: optionalSetting({
    alternatives: ['VOLUME'],
    kind: memoryQuantity('1Mi'),
    defaultText: '`64Mi` in memory, none on a disk',
    description: 'Size limit of the emptyDir. In memory it counts as memory of the containers.',
  }),
  IMAGE: optionalSetting({
    kind: imageName,
    defaultText: 'what SIDECAR_IMAGE of the webhook says',
    description: 'Image of the sidecar. On a pod only one that the platform team allows.',
  }),
  IMAGE_PULL_POLICY: optionalSetting({
    kind: oneOf('Always', 'IfNotPresent', 'Never'),
    defaultText: 'that of the API server: `Always` for the tag `latest` and for none, else `IfNotPresent`',
    description: 'When the kubelet pulls the image.',
  }),
  CPU_REQUEST: optionalSetting({
    kind: cpuQuantity,
    defaultText: "`10m`; `100m` in a Guaranteed pod; none where the pod's own `resources` name CPU",
    description: 'CPU that the scheduler keeps for the sidecar.',
  }),
  CPU_LIMIT: optionalSetting({
    kind: cpuQuantity,
    defaultText: 'none; the request in a Guaranteed pod',
    description: 'CPU that the sidecar gets at most.',
  }),
  MEMORY_REQUEST: optionalSetting({
    kind: memoryQuantity('1Mi'),
    defaultText: "`64Mi`; the limit in a Guaranteed pod; none where the pod's own `resources` name memory",
    description: 'Memory that the scheduler keeps for the sidecar.',
  }),
  MEMORY_LIMIT: optionalSetting({
    kind: memoryQuantity(`${leastMemoryMi}Mi`),
    defaultText: "`192Mi`, and the size of a volume in memory; none where the pod's own `resources` name memory",
    description: 'Memory that the sidecar gets at most, a volume in memory included.',
  }),
  RUN_AS_USER: optionalSetting({
    kind: unprivilegedId,
    defaultText: "the pod's user; `65534` where that is root or unset",
    description: 'User that the sidecar runs as.',
  }),
  RUN_AS_GROUP: optionalSetting({
    kind: unprivilegedId,
    defaultText: "the pod's group, else the image's",
    description: 'Group that the sidecar runs as.',
  }),
  ENV_FROM: optionalSetting({
    kind: variableSources,
    defaultText: 'none',
    description:
      "Further environment variables of the sidecar, from ConfigMaps and Secrets in the pod's namespace: proxies, certificates, what SCRIPT needs. None that has an annotation, or that changes the program.",
  }),
};

/** What is a password, or is kept with one, comes from a Secret: everybody who may read the pod can read its annotations. */
export const credentialSettings = {
  REQ_USERNAME_FROM: optionalSetting({
    alternatives: ['REQ_USERNAME'],
    kind: secretKey,
    defaultText: 'REQ_USERNAME',
    description: 'Where REQ_USERNAME comes from.',
  }),
  REQ_PASSWORD_FROM: optionalSetting({
    kind: secretKey,
    defaultText: 'no authentication',
    description: 'Where REQ_PASSWORD comes from.',
  }),
  URL_USERNAME_FROM: optionalSetting({
    alternatives: ['URL_USERNAME'],
    kind: secretKey,
    defaultText: 'URL_USERNAME',
    description: 'Where URL_USERNAME comes from.',
  }),
  URL_PASSWORD_FROM: optionalSetting({
    kind: secretKey,
    defaultText: 'REQ_PASSWORD_FROM, unless URL_USE_REQ_BASIC_AUTH is false',
    description: 'Where URL_PASSWORD comes from.',
  }),
};
