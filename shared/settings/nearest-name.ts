import { closest, distance } from 'fastest-levenshtein';

// Each comparison takes the product of two lengths, and until the API server looks at it a pod has names of any length and number.
// Longer than any that a person types, and more than a person chooses from.
const longestTyped = 128;
const mostCompared = 1000;

/**
 * The candidate that a person who typed `name` probably meant, or `undefined` when none is near. Two wrong letters are allowed; in a
 * very short name one, or two swapped ones, or "HOST" would be taken for "PORT"; in a long one a third of its length.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const typed = name.toLowerCase();
  const mostSlips = Math.max(2, Math.floor(name.length / 3));
  const near = candidates.filter(({ length }) => Math.abs(length - name.length) <= mostSlips).slice(0, mostCompared);
  if (near.length === 0 || name.length > longestTyped) return undefined;
  const best = closest(
    typed,
    near.map((candidate) => candidate.toLowerCase()),
  );
  const allowed = name.length < 5 && !hasSameLetters(typed, best) ? 1 : mostSlips;
  if (distance(typed, best) > allowed) return undefined;
  return near.find((candidate) => candidate.toLowerCase() === best);
}

/** Whether two names differ by one letter more, less or other, or by two that are swapped. */
export function isOneSlipAway(one: string, other: string): boolean {
  const slips = distance(one, other);
  return slips <= 1 || (slips === 2 && hasSameLetters(one, other));
}

function hasSameLetters(one: string, other: string): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
