import type { Subject, SuiteResult } from './metric.ts';

/** What another program was seen to take in another run, on another machine perhaps. */
export interface Reference {
  readonly name: string;
  /** Metric → the figures that were seen. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
}

/** Puts the figures of other runs beside a result that has no peer of its own. */
export function withReferences(result: SuiteResult, references: readonly Reference[]): SuiteResult {
  if (result.subjects.some(({ role }) => role === 'peer')) return result;
  const figures = Object.entries(result.figures).map(([id, columns]) => {
    const known = references.flatMap(({ name, figures }) => (figures[id] ? [[name, figures[id]] as const] : []));
    return [id, { ...columns, ...Object.fromEntries(known) }] as const;
  });
  const subjects = references.map(({ name }): Subject => ({ name, role: 'reference' }));
  return { ...result, subjects: [...result.subjects, ...subjects], figures: Object.fromEntries(figures) };
}
