import { node } from './use-node.ts';

/** The objects of all kinds and namespaces in whose name our own is, as KIND/NAME; but events, which the API server forgets by itself. */
export async function objectsOfOurName(): Promise<string[]> {
  const all = await node.kubectlOutput(['api-resources', '--verbs=list', '--output=name']);
  const kinds = all.split('\n').filter((kind) => kind !== '' && !/^events\b/.test(kind));
  const objects = await node.kubectlOutput(['get', kinds.join(','), '--all-namespaces', '--output=name']);
  return objects.split('\n').filter((object) => object.includes('sync-sidecar'));
}
