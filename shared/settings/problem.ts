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

/** Something that is not accepted for a reason of its own. */
export function faultAt(where: string, fault: string): Problem {
  return { where, kind: 'not-accepted', fault };
}

// Longer values would hide the message; nobody recognises theirs by its end.
const longestGiven = 80;
// Room for every sentence of ours, and for some names of somebody's.
const longestPart = 1000;
/** Who has more to mend has one cause for many of them; and a review of a pod may bring tens of thousands. */
export const mostTold = 20;

/** One line that a person can act on. */
export function describeProblem({ where, given, fault, accepts, nearest }: Problem): string {
  const shown = given === undefined ? '' : `=${JSON.stringify(shorten(given, longestGiven))}`;
  const hints = [accepts && `accepts ${shorten(accepts)}`, nearest && `did you mean ${nearest}?`].filter(Boolean);
  return [`${shorten(where)}${shown}: ${shorten(fault)}`, ...hints].join('; ');
}

/** How many there are, in words. */
export function countProblems({ length }: readonly Problem[]): string {
  return `${length === 1 ? '1 problem' : `${length} problems`} with the settings`;
}

/** All problems in one message, a line each. */
export function describeProblems(problems: readonly Problem[]): string {
  return [`${countProblems(problems)}:`, ...problemLines(problems).map((line) => `  ${line}`)].join('\n');
}

/**
 * Such a message, and what may follow it, as one line: `kubectl get events`, and others who print tables, show no more than the
 * first one.
 */
export function inOneLine(message: string): string {
  return message.replace(/:\n */, ': ').replaceAll(/\n */g, '; ');
}

/** A line for each of the first problems, and how many more there are. */
export function problemLines(problems: readonly Problem[]): string[] {
  return firstOf(problems, describeProblem);
}

/** The first of some sentences, and how many more there are. */
export function firstSentences(sentences: readonly string[]): string[] {
  return firstOf(sentences, (sentence) => shorten(sentence));
}

function firstOf<T>(items: readonly T[], tell: (item: T) => string): string[] {
  const more = items.length - mostTold;
  return [...items.slice(0, mostTold).map((item) => tell(item)), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** A text without what follows where it is too long. */
export function shorten(text: string, longest = longestPart): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
