/** What a look answers; null where it can't be looked at. */
export function failsafe<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
