import { posix } from 'node:path';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { scopesOf } from '../../shared/settings/sync-scopes.ts';
import { distinctFolders, isWithin } from '../folders.ts';
import { mountPath } from '../injected-names.ts';
import { spellingOf, type PodSettings } from '../pod-settings.ts';

/** What is allowed and seldom meant. */
export function risksOf(settings: PodSettings): string[] {
  return settings.syncs.flatMap((sync) => [
    ...allSecrets(sync),
    ...scriptFromObjects(sync, distinctFolders(settings)),
    ...credentialsForAll(sync, settings),
  ]);
}

type Sync = PodSettings['syncs'][number];

function allSecrets({ name: sync, settings }: Sync): string[] {
  const isAll = scopesOf(settings, '').some(({ kind, namespace }) => kind === 'secret' && namespace === undefined);
  if (!isAll) return [];
  const where = annotationNaming.spell({ row: 'NAMESPACE', sync });
  const risk = 'the sidecar reads Secrets of all namespaces, and so can whoever gets into one of its pods';
  return [`${where}=ALL: ${risk}; name the namespaces that it needs, or let it sync ConfigMaps alone`];
}

/** A script among the synced files is written by whoever may write a ConfigMap with the label. */
function scriptFromObjects({ name: sync, settings: { SCRIPT } }: Sync, folders: readonly string[]): string[] {
  if (SCRIPT === undefined) return [];
  const where = annotationNaming.spell({ row: 'SCRIPT', sync });
  const path = posix.resolve('/', SCRIPT);
  const folder = [mountPath, ...folders].find((candidate) => isWithin(path, candidate));
  if (folder === undefined) return [];
  const risk = 'whoever may write an object that is synced could run code in the sidecar, with all that it may read';
  return [`${where}: lies in the synced folder ${folder}, so that ${risk}; take a script of the sidecar's image`];
}

/** What is downloaded, and from where, is said by whoever may write a ConfigMap with the label. */
function credentialsForAll({ name, settings: own }: Sync, settings: PodSettings): string[] {
  const { URL_PASSWORD_FROM, REQ_PASSWORD_FROM, REQ_URL, URL_USE_REQ_BASIC_AUTH, URL_ALLOWED_HOSTS } = own;
  if (URL_ALLOWED_HOSTS !== undefined) return [];
  // Those of REQ_URL go to its scheme, host and port alone, if there is one.
  const isLent = URL_USE_REQ_BASIC_AUTH && REQ_PASSWORD_FROM !== undefined && REQ_URL === undefined;
  if (URL_PASSWORD_FROM === undefined && !isLent) return [];
  const where = spellingOf(settings, URL_PASSWORD_FROM === undefined ? 'REQ_PASSWORD_FROM' : 'URL_PASSWORD_FROM', name);
  const risk = 'the credentials go to each host that a .url key of a synced object names';
  return [`${where}: ${risk}; let the platform team limit them by url-allowed-hosts in a profile`];
}
