import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a person who typed `name` probably meant, or `undefined` when none is near. Two wrong letters are allowed; in a
 * very short name one, or two swapped ones, or "HOST" would be taken for "PORT"; in a long one a third of its length.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const typed = name.toLowerCase();
  const best = closest(
    typed,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const allowed = name.length < 5 && !hasSameLetters(typed, best) ? 1 : Math.max(2, Math.floor(name.length / 3));
  if (distance(typed, best) > allowed) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}

/** Whether two names differ by one letter more, less or other, or by two that are swapped. */
export function isOneSlipAway(one: string, other: string): boolean {
  const slips = distance(one, other);
  return slips <= 1 || (slips === 2 && hasSameLetters(one, other));
}

function hasSameLetters(one: string, other: string): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
