import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a person who typed `name` probably meant, or `undefined` when none is near. A short name allows one wrong
 * letter, a longer one a third of its length: with more, "HOME" would be taken for "NAME".
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(
    name.toLowerCase(),
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const allowed = Math.max(1, Math.floor(name.length / 3));
  if (distance(name.toLowerCase(), best) > allowed) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}
