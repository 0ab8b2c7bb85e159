import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a person who typed `name` probably meant, or `undefined` when none is near. Two wrong letters are allowed, as
 * two swapped ones count; in a very short name one, or "HOST" would be taken for "PORT"; in a long one a third of its length.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(
    name.toLowerCase(),
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const allowed = name.length < 5 ? 1 : Math.max(2, Math.floor(name.length / 3));
  if (distance(name.toLowerCase(), best) > allowed) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}
