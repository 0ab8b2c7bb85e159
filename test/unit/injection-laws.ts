// Jest's own, as it is outside of Jest too: `npm run fuzz` has the same laws.
import { expect } from 'expect';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { isRecord } from '../../shared/is-record.ts';
import type { AddOperation } from '../../webhook/admission-review.ts';
import type { Decision } from '../../webhook/decision.ts';
import { allContainers, type Container, type Pod } from '../../webhook/pod.ts';
import { withDefaults, withTokens } from './built-in-admission.ts';
import { bringsSecrets, intendedPod, type Asked } from './intended-pod.ts';
import { isGuaranteed } from './quality-of-service.ts';

/** A pod that is to be injected. */
export interface Injected {
  readonly pod: Pod;
  readonly operations: readonly AddOperation[];
  /** What its settings are, in short. */
  readonly asked: Asked;
  /** The decision on it, or on what became of it. */
  readonly decide: (pod: Pod) => Decision;
}

type Law = (injected: Injected) => void;

const alreadyInjected = { outcome: 'admit', reason: 'already-injected' };

/** What holds for every pod that is injected, by the name of a test. */
export const laws: Readonly<Record<string, Law>> = {
  'only adds, and changes nothing that was there': ({ pod, operations }) => {
    expect([...new Set(operations.map(({ op }) => op))]).toEqual(['add']);
    // To add a field that is there would replace it: https://datatracker.ietf.org/doc/html/rfc6902#section-4.1
    const fields = operations.filter(({ path }) => !/\/(-|\d+)$/.test(path));
    expect(fields.filter(({ path }) => jsonPatch.getValueByPointer(pod, path) !== undefined)).toEqual([]);
    expect(isPartOf(pod, patched(pod, operations))).toBe(true);
  },

  'gives the intended pod': ({ pod, operations, asked }) => {
    const result = patched(pod, operations);
    expect(result).toEqual(intendedPod(pod, sidecarOf(result), asked));
  },

  'leaves the pod that was reviewed as it is': ({ pod, decide }) => {
    const before = copyOf(pod);
    decide(pod);
    expect(pod).toEqual(before);
  },

  'keeps a Guaranteed pod Guaranteed': ({ pod, operations }) => {
    expect(isGuaranteed(patched(pod, operations))).toBe(isGuaranteed(pod));
  },

  'takes a health port that no container declares': ({ pod, operations }) => {
    const port = sidecarOf(patched(pod, operations)).ports?.[0]?.containerPort;
    const others = allContainers(pod).flatMap(({ ports = [] }) => ports.filter(({ protocol }) => protocol !== 'UDP'));
    expect(others.map(({ containerPort }) => containerPort)).not.toContain(port);
  },

  'keeps Secrets in memory': ({ pod, operations }) => {
    const result = patched(pod, operations);
    const sidecar = sidecarOf(result);
    const { volumeMounts = [] } = sidecar;
    const { name } = volumeMounts.find(({ mountPath }) => mountPath === '/sync')!;
    const { emptyDir } = result.spec!.volumes!.find((volume) => volume.name === name)!;
    if (bringsSecrets(sidecar)) expect(emptyDir?.medium).toBe('Memory');
  },

  'passes Pod Security "restricted"': ({ pod, operations }) => {
    const { securityContext = {} } = sidecarOf(patched(pod, operations));
    const inherited = pod.spec?.securityContext?.runAsUser;
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(securityContext.runAsUser ?? inherited).not.toBe(0);
  },

  'makes a pod of which a second review says that it is injected': ({ pod, operations, decide }) => {
    expect(decide(patched(pod, operations))).toEqual(alreadyInjected);
  },

  'makes a pod of which it says so too after built-in admission and the defaults of the API server': ({
    pod,
    operations,
    decide,
  }) => {
    const hasToken = pod.spec?.volumes?.some(({ name }) => name.startsWith('kube-api-access-')) ?? false;
    const result = patched(pod, operations);
    expect(decide(withDefaults(hasToken ? withTokens(result) : result))).toEqual(alreadyInjected);
  },

  'makes a pod of which it says so too after other webhooks added to every list': ({ pod, operations, decide }) => {
    expect(decide(withOthers(patched(pod, operations)))).toEqual(alreadyInjected);
  },
};

/** What becomes of an injected pod until it is reviewed again: nothing, or what built-in admission, the API server and others add. */
export function laterStates(pod: Pod, operations: readonly AddOperation[]): Pod[] {
  const result = patched(pod, operations);
  return [result, withDefaults(result), withOthers(withDefaults(result))];
}

/** The settings that shape a pod, as its annotations have them. */
export function askedOf({ metadata }: Pod): Asked {
  const { annotations = {} } = metadata ?? {};
  return {
    position: annotations['sync-sidecar.io/position'],
    mountContainers: annotations['sync-sidecar.io/mount-containers'],
    volume: annotations['sync-sidecar.io/volume'],
    volumeMedium: annotations['sync-sidecar.io/volume-medium'],
    volumeSizeLimit: annotations['sync-sidecar.io/volume-size-limit'],
  };
}

/** Patch and pod as they travel: through JSON. */
function patched(pod: Pod, operations: readonly AddOperation[]): Pod {
  return jsonPatch.applyPatch(copyOf(pod), copyOf(operations) as Operation[], true).newDocument;
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function sidecarOf({ spec }: Pod): Container {
  return spec!.initContainers!.find(({ name }) => name === 'sync-sidecar')!;
}

/** Whether a document is a part of another one: every field with its value, every list in its order. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(whole) && isSubsequence(part, whole);
  if (!isRecord(part)) return Object.is(part, whole);
  return isRecord(whole) && Object.entries(part).every(([key, value]) => isPartOf(value, whole[key]));
}

function isSubsequence(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const item of whole) if (next < part.length && isPartOf(part[next], item)) next++;
  return next === part.length;
}

/** What a mesh and a logger would add. */
function withOthers({ metadata, spec }: Pod): Pod {
  const proxy = { name: 'istio-proxy', image: 'proxy', restartPolicy: 'Always', ports: [{ containerPort: 15090 }] };
  const more = (list: readonly Container[] = []): Container[] =>
    list.map((container) => ({ ...container, env: [{ name: 'PROXY', value: '' }, ...(container.env ?? [])] }));
  const hasProxy = allContainers({ spec: spec ?? {} }).some(({ name }) => name === proxy.name);
  return {
    ...(metadata && { metadata }),
    spec: {
      ...spec,
      containers: [{ name: 'logger' }, ...more(spec?.containers)],
      initContainers: [...(hasProxy ? [] : [proxy]), ...more(spec?.initContainers)],
      volumes: [{ name: 'certificates', emptyDir: {} }, ...(spec?.volumes ?? [])],
    },
  };
}
