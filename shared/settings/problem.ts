/** One thing that is wrong with the given settings: where, what was given, what is accepted, what was probably meant. */
export interface Problem {
  /** The setting as the person spelled it, such as `DASHBOARDS__LABEL` or `sync-sidecar.io/label`. */
  readonly where: string;
  readonly kind: 'unknown' | 'refused' | 'not-accepted' | 'missing' | 'policy';
  /** What was given; left out for secrets and for what is missing. */
  readonly given?: string;
  readonly fault: string;
  readonly accepts?: string;
  readonly nearest?: string | undefined;
}

// Longer values would hide the message; nobody recognises theirs by its end.
const longestGiven = 80;

/** One line that a person can act on. */
export function describeProblem({ where, given, fault, accepts, nearest }: Problem): string {
  const shown = given === undefined ? '' : `=${JSON.stringify(shorten(given))}`;
  const hints = [accepts && `accepts ${accepts}`, nearest && `did you mean ${nearest}?`].filter(Boolean);
  return [`${where}${shown}: ${fault}`, ...hints].join('; ');
}

/** How many there are, in words. */
export function countProblems({ length }: readonly Problem[]): string {
  return `${length === 1 ? '1 problem' : `${length} problems`} with the settings`;
}

/** All problems in one message, a line each. */
export function describeProblems(problems: readonly Problem[]): string {
  return [`${countProblems(problems)}:`, ...problems.map((problem) => `  ${describeProblem(problem)}`)].join('\n');
}

/**
 * Such a message, and what may follow it, as one line: `kubectl get events`, and others who print tables, show no more than the
 * first one.
 */
export function inOneLine(message: string): string {
  return message.replace(/:\n */, ': ').replaceAll(/\n */g, '; ');
}

function shorten(given: string): string {
  return given.length > longestGiven ? `${given.slice(0, longestGiven)}…` : given;
}
