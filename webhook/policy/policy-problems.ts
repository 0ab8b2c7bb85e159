import type { Problem } from '../../shared/settings/problem.ts';
import type { Override } from '../../shared/settings/read-settings.ts';
import type { Policy } from './policy.ts';
import { volumeMemoryProblems, withMoved, type ResourcesWithout } from './resource-outcome.ts';
import { deniedFault, lockedFault } from './settings-rule.ts';
import { valueFault } from './value-rules.ts';

/** What a rule has against a setting of a pod; `accepts` completes the sentence "accepts …". */
export interface RuleFault {
  readonly fault: string;
  readonly accepts: string;
}

/** Whose settings are judged, and by what. */
export interface PolicyContext {
  readonly policy: Policy;
  /** The pod's own. */
  readonly namespace: string;
}

interface OutcomeContext extends PolicyContext {
  readonly resourcesWithout: ResourcesWithout;
}

/** What the policy has against the settings that a pod makes: what it doesn't make, the platform said, and may. */
export function policyProblems(overrides: readonly Override[], context: OutcomeContext): Problem[] {
  const { policy, resourcesWithout } = context;
  const problems = withMoved(distinct(overrides), policy, resourcesWithout).flatMap((override) =>
    faultsOf(override, context).map((fault) => problemOf(override, fault)),
  );
  problems.push(...volumeMemoryProblems(overrides, policy, resourcesWithout));
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** One annotation may speak for dozens of syncs: it is judged again only where something else would count without it. */
function distinct(overrides: readonly Override[]): Override[] {
  const judged = new Map<string, Set<unknown>>();
  return overrides.filter(({ key, otherwise, switchesOff }) => {
    const alternatives = judged.get(key) ?? new Set();
    // What it switches off may differ though the rest is the same.
    if (!switchesOff && alternatives.has(otherwise)) return false;
    judged.set(key, alternatives.add(otherwise));
    return true;
  });
}

function faultsOf(override: Override, context: PolicyContext): RuleFault[] {
  const { settings, locked } = context.policy;
  const denied = deniedFault(override, settings);
  if (repeatsPlatform(override)) return denied ? [denied] : [];
  return [denied, lockedFault(override, locked), valueFault(override, context)].filter((fault) => fault !== undefined);
}

/** Whether a pod says only what holds without it. */
function repeatsPlatform({ value, otherwise, setting: { kind } }: Override): boolean {
  if (value === undefined || otherwise === undefined) return false;
  return kind.isSame?.(value, otherwise) ?? kind.print(value) === kind.print(otherwise);
}

/** Nothing of what may be secret is shown. */
function problemOf({ key, value, setting: { kind, secret } }: Override, fault: RuleFault): Problem {
  const shown = value === undefined || secret || kind.redact ? {} : { given: kind.print(value) };
  return { where: key, kind: 'policy', ...shown, ...fault };
}
