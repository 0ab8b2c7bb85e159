import { kiwigridFigures, kiwigridReference } from './sidecar/kiwigrid-reference.ts';
import type { SuiteResult } from './metric.ts';

/** Puts kiwigrid's figures of another run beside a result that has no peer of its own. */
export function withReference(result: SuiteResult): SuiteResult {
  if (result.subjects.some(({ role }) => role === 'peer')) return result;
  const figures = Object.entries(result.figures).map(([id, columns]) => {
    const reference = kiwigridFigures[id];
    return [id, reference ? { ...columns, [kiwigridReference.name]: reference } : columns] as const;
  });
  return { ...result, subjects: [...result.subjects, kiwigridReference], figures: Object.fromEntries(figures) };
}
