import { isRecord } from '../../shared/is-record.ts';
import { isOurs } from '../../shared/settings/naming.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import { fieldsOf, titleOf, type PlacedObject } from './manifest-objects.ts';
import { podIn, workloadKinds } from './pods-in-manifest.ts';

/** Why nobody should take it that an object is as it should be, though no pod was found in it: a line each. */
export function overlookedIn({ object, place }: PlacedObject): string[] {
  const { kind } = object;
  if (podIn({ object, place })) return unversioned(object);
  if (workloadKinds.includes(kind as string))
    return [`${titleOf(object)}: not looked at, as it has no template of pods`];
  const keys = [...ourAnnotations(object)];
  if (keys.length === 0) return [];
  const known = `render knows ${workloadKinds.join(', ')}`;
  return [`${titleOf(object)}: not looked at, though it has ${keys.join(', ')}: ${known}${likely(kind)}`];
}

/** kubectl takes no such object; the pods in it are those of the kind all the same. */
function unversioned(object: PlacedObject['object']): string[] {
  return object.apiVersion === undefined ? [`${titleOf(object)}: has no apiVersion, so no cluster takes it`] : [];
}

function likely(kind: unknown): string {
  const nearest = nearestName(String(kind), workloadKinds);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Annotations of ours anywhere in an object, each once. */
function ourAnnotations(value: unknown): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...ourAnnotations(item)]));
  if (!isRecord(value)) return new Set();
  const own = Object.keys(fieldsOf(value.annotations)).filter(isOurs);
  return new Set([...own, ...Object.values(value).flatMap((content) => [...ourAnnotations(content)])]);
}
