import { posix } from 'node:path';
import { isJson } from '../../shared/is-json.ts';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { distinctFolders, isWithin } from '../folders.ts';
import { mountPath } from '../injected-names.ts';
import type { PodSettings, PodTable } from '../pod-settings.ts';
import { allContainers, type Pod } from '../pod.ts';
import { withoutStatus } from '../status-annotation.ts';

/** The annotations of a pod that are accepted and change nothing, or not what is meant, beside its other settings: a line each. */
export function withoutEffect(pod: Pod, settings: PodSettings): string[] {
  return Object.entries(withoutStatus(pod.metadata?.annotations ?? {})).flatMap(([key, value]) => {
    const place = annotationNaming.locate(key, []);
    if (!place || value.trim() === '') return [];
    const syncs = settings.syncs.filter(({ name }) => place.sync === null || place.sync === name);
    const [remark, ...others] = syncs.map((sync) => remarkOn(place.row, { pod, settings, sync }));
    // A default of all syncs is worth a word where none of them uses it.
    return remark && others.every(Boolean) ? [`${key}: ${remark}`] : [];
  });
}

type Sync = PodSettings['syncs'][number];

interface Context {
  readonly pod: Pod;
  readonly settings: PodSettings;
  readonly sync: Sync;
}

type Remark = (context: Context) => string | false | undefined;
type Row = keyof PodTable['process'] | keyof PodTable['sync'];

function remarkOn(row: string, context: Context): string | false | undefined {
  return (remarks as Readonly<Record<string, Remark>>)[row]?.(context);
}

const remarks: Readonly<Partial<Record<Row, Remark>>> = {
  SLEEP_TIME: ({ sync: { settings } }) =>
    // One object is asked for again and again where it may not be watched.
    settings.METHOD === 'LIST' || (settings.METHOD === 'WATCH' && !settings.RESOURCE_NAME)
      ? `no effect with the method ${settings.METHOD}`
      : undefined,
  STARTUP_TIMEOUT: ({ settings: { syncs } }) =>
    syncs.every(({ settings }) => settings.METHOD === 'LIST') &&
    'no effect with the method LIST: an init container has no probes',
  SCRIPT: unseenScript,
  SCRIPT_TIMEOUT: without('SCRIPT'),
  REQ_URL: ({ sync: { name, settings } }) =>
    settings.METHOD === 'LIST' &&
    settings.REQ_SKIP_INIT &&
    `no effect with the method LIST, which ends before the application starts; where another one is to be called, set ${annotationNaming.spell({ row: 'REQ_SKIP_INIT', sync: name })}: "false"`,
  REQ_METHOD: without('REQ_URL'),
  REQ_PAYLOAD: (context) => without('REQ_URL')(context) ?? unsentPayload(context),
  REQ_PAYLOAD_TEMPLATE: without('REQ_URL'),
  REQ_USERNAME: without('REQ_PASSWORD_FROM'),
  REQ_USERNAME_FROM: without('REQ_PASSWORD_FROM'),
  URL_USERNAME: without('URL_PASSWORD_FROM'),
  URL_USERNAME_FROM: without('URL_PASSWORD_FROM'),
};

function without(row: keyof PodTable['sync']): (context: Context) => string | undefined {
  return ({ sync: { name, settings } }) =>
    settings[row] === undefined ? `no effect without ${annotationNaming.spell({ row, sync: name })}` : undefined;
}

/** Nothing of the payload is shown: it may be secret. */
function unsentPayload({ sync: { name, settings } }: Context): string | undefined {
  const { REQ_METHOD, REQ_PAYLOAD = '' } = settings;
  if (REQ_METHOD === 'GET')
    return `no effect with a GET, which has no body; set ${annotationNaming.spell({ row: 'REQ_METHOD', sync: name })}: POST`;
  return /^\s*[{[]/.test(REQ_PAYLOAD) && !isJson(REQ_PAYLOAD)
    ? 'is no JSON, and is sent as one text in quotes'
    : undefined;
}

/** A script that the pod mounts for itself: the sidecar has no mount but that of the synced folders, of which another warning is. */
function unseenScript({ pod, settings, sync }: Context): string | undefined {
  const path = posix.resolve('/', sync.settings.SCRIPT ?? '');
  if ([mountPath, ...distinctFolders(settings)].some((folder) => isWithin(path, folder))) return undefined;
  const mounts = allContainers(pod).flatMap(({ volumeMounts = [] }) => volumeMounts);
  const mount = mounts.find((candidate) => isWithin(path, posix.resolve('/', candidate.mountPath)));
  return (
    mount &&
    `lies in ${mount.mountPath}, which the pod mounts for its own containers: it runs in the sidecar, where only what its image has is found`
  );
}
