import { isJson } from '../is-json.ts';
import type { Kind } from './kind.ts';
import type { Naming } from './naming.ts';
import { nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';

/** What may be put into a template, by the name of its placeholder. */
export interface PayloadFacts {
  readonly sync: string;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly objects: readonly string[];
  readonly complete: boolean;
}

const names = ['sync', 'written', 'removed', 'objects', 'complete'] as const satisfies (keyof PayloadFacts)[];

// JSON has no two braces in a row but in texts, and nothing is put into texts. White space is left to `trim`: an expression with several
// places for it would try them all, and take the cube of its length.
const placeholder = /\{\{([^{}]*)\}\}/g;

/** JSON with placeholders where values stand; the value is the text as given. */
export const payloadTemplate: Kind<string> = {
  name: 'payloadTemplate',
  accepts: `JSON with ${names.map((name) => `{{${name}}}`).join(', ')} in place of values, not within texts`,
  parse: (given) => (findFault(given) === undefined ? given : undefined),
  print: (value) => value,
  explain: (given) => findFault(given),
};

/** The JSON text that a template, as `payloadTemplate` takes it, makes of these facts. */
export function fillPayloadTemplate(template: string, facts: PayloadFacts): string {
  return template.replace(placeholder, (whole, inside: string) => {
    const known = names.find((name) => name === inside.trim());
    return known ? JSON.stringify(facts[known]) : whole;
  });
}

/** Says nothing of the template but what a placeholder in it was probably meant to be: it may have secrets in it. */
function findFault(template: string): { fault: string; nearest?: string | undefined } | undefined {
  const unknown = placeholdersIn(template).find((name) => !names.some((one) => one === name));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, names);
    return { fault: 'has a placeholder that does not exist', nearest: nearest && `{{${nearest}}}` };
  }
  const text: PayloadFacts = { sync: 'x', written: ['x'], removed: ['x'], objects: ['x'], complete: true };
  // Within a text `true` would pass, and a text would not.
  const isJsonEitherWay = isJson(fillPayloadTemplate(template, text)) && isJson(template.replace(placeholder, '"x"'));
  return isJsonEitherWay ? undefined : { fault: 'is no JSON once values are put in' };
}

function placeholdersIn(template: string): string[] {
  return Array.from(template.matchAll(placeholder), ([, inside = '']) => inside.trim());
}

interface NamedPayload {
  readonly name: string | null;
  readonly settings: {
    readonly REQ_URL: string | undefined;
    readonly REQ_METHOD: 'GET' | 'POST';
    readonly REQ_PAYLOAD: string | undefined;
    readonly REQ_PAYLOAD_TEMPLATE: string | undefined;
  };
}

/** The syncs with a REQ_PAYLOAD_TEMPLATE that can't be sent: besides a REQ_PAYLOAD, or by a GET, which has no body. */
export function payloadProblems(syncs: readonly NamedPayload[], naming: Naming): Problem[] {
  return syncs.flatMap(({ name: sync, settings }) => {
    if (settings.REQ_PAYLOAD_TEMPLATE === undefined) return [];
    const spell = (row: string): string => naming.spell({ row, sync });
    const problem = { where: spell('REQ_PAYLOAD_TEMPLATE'), kind: 'not-accepted' as const };
    if (settings.REQ_PAYLOAD !== undefined) {
      return [{ ...problem, fault: `can't be sent besides ${spell('REQ_PAYLOAD')}`, accepts: 'one of the two' }];
    }
    if (settings.REQ_URL === undefined || settings.REQ_METHOD === 'POST') return [];
    return [{ ...problem, fault: "can't be sent by a GET", accepts: `it together with ${spell('REQ_METHOD')}=POST` }];
  });
}
