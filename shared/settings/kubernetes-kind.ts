import type { Kind } from './kind.ts';

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
export const rfc1123Label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const rfc1035Label = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

// Far more than a pod has folders; without a limit an annotation could ask for a patch of many megabytes.
const mostSyncs = 64;

/**
 * The names of the syncs of one process. `-` becomes `_` in environment variables and two underscores end the prefix,
 * so that a name with `--` would be ambiguous.
 */
export const syncNames: Kind<readonly string[]> = {
  name: 'syncNames',
  accepts: `a comma separated list of at most ${mostSyncs} different names of small letters, digits and single "-", each from a letter on`,
  parse: (given) => {
    const names = splitList(given);
    const valid = names.every((name) => rfc1035Label.test(name) && !name.includes('--'));
    const distinct = new Set(names).size === names.length;
    return valid && distinct && names.length > 0 && names.length <= mostSyncs ? names : undefined;
  },
  print: (names) => names.join(','),
};

/** Namespaces by name, or `ALL` for every namespace; a list that has `ALL` in it means every namespace. */
export const namespaces: Kind<readonly string[] | 'ALL'> = {
  name: 'namespaces',
  accepts: 'a comma separated list of namespaces, or ALL',
  parse: (given) => {
    const names = splitList(given);
    if (names.includes('ALL')) return 'ALL';
    return names.length > 0 && names.every((name) => rfc1123Label.test(name)) ? [...new Set(names)] : undefined;
  },
  print: (names) => (names === 'ALL' ? names : names.join(',')),
};

/** One object, or several of one name: what is left out may be any that the sync's other settings allow. */
export interface ResourceName {
  readonly namespace?: string;
  readonly kind?: 'configmap' | 'secret';
  readonly name: string;
}

/** The name of an object: an RFC 1123 subdomain. */
export const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Objects by name: `name`, `kind/name` or `namespace/kind/name`, comma separated. */
export const resourceNames: Kind<readonly ResourceName[]> = {
  name: 'resourceNames',
  accepts: 'a comma separated list of name, kind/name or namespace/kind/name, where kind is configmap or secret',
  parse: (given) => {
    const items = splitList(given);
    const parsed = items.map(parseResourceName).filter((item) => item !== undefined);
    return items.length > 0 && parsed.length === items.length ? parsed : undefined;
  },
  print: (items) =>
    items
      .map(({ namespace, kind, name }) => [namespace, kind, name].filter((part) => part !== undefined).join('/'))
      .join(','),
};

function parseResourceName(item: string): ResourceName | undefined {
  const [name = '', kindText, namespace, ...rest] = item.split('/').reverse();
  const kind = (['configmap', 'secret'] as const).find((known) => known === kindText?.toLowerCase());
  if (!objectName.test(name) || rest.length > 0 || (kindText !== undefined && kind === undefined)) return undefined;
  if (namespace !== undefined && !rfc1123Label.test(namespace)) return undefined;
  return { name, ...(kind && { kind }), ...(namespace !== undefined && { namespace }) };
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const name = String.raw`[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?`;
const labelKey = String.raw`(?:[A-Za-z0-9][A-Za-z0-9.-]*/)?${name}`;
const labelValue = new RegExp(`^(?:${name})?$`);
// The three forms of a requirement. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
const existence = new RegExp(String.raw`^(?:!\s*)?${labelKey}$`);
const equality = new RegExp(String.raw`^${labelKey}\s*(?:==?|!=)(.*)$`);
const membership = new RegExp(String.raw`^${labelKey}\s+(?:in|notin)\s*\((.*)\)$`);
// What a URL can carry besides everything else that a request has in it.
const longestSelector = 4096;

/** A label key, or a whole label selector as `kubectl -l` takes it. */
export const labelSelector: Kind<string> = {
  name: 'labelSelector',
  accepts: 'a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"',
  parse: (given) => (isSelector(given) ? given.trim() : undefined),
  print: (value) => value,
};

/** What may follow `key=` in a label selector: a value, also with further requirements behind a comma. */
export const labelSelectorValue: Kind<string> = {
  name: 'labelSelectorValue',
  accepts: 'a label value such as "1"',
  parse: (given) => (isSelector(`key=${given}`) ? given.trim() : undefined),
  print: (value) => value,
};

/** In steps whose cost grows with the length alone: one expression for all of it would let a crafted text hold up the webhook. */
function isSelector(text: string): boolean {
  return text.length <= longestSelector && splitRequirements(text).every(isRequirement);
}

/** Splits at the commas that stand outside of parentheses: those with no parenthesis after them that closes. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isInside = false;
  // From the end on, each character once: to look ahead from each comma would take the square of the length.
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === ')') isInside = true;
    else if (text[at] === '(') isInside = false;
    else if (text[at] === ',' && !isInside) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  parts.push(text.slice(0, end));
  return parts.reverse().map((requirement) => requirement.trim());
}

function isRequirement(text: string): boolean {
  const value = equality.exec(text)?.[1];
  const values = membership.exec(text)?.[1];
  if (value !== undefined) return labelValue.test(value.trim());
  if (values !== undefined) return values.split(',').every((item) => labelValue.test(item.trim()));
  return existence.test(text);
}

/** The key of an annotation, with or without a prefix. */
export const annotationKey: Kind<string> = {
  name: 'annotationKey',
  accepts: 'an annotation key such as example.com/folder',
  parse: (given) => (new RegExp(`^${labelKey}$`).test(given.trim()) ? given.trim() : undefined),
  print: (value) => value,
};

/** The name of a part of a pod, such as a container or a volume. */
export function labelName(accepts: string): Kind<string> {
  return {
    name: 'labelName',
    accepts,
    parse: (given) => (rfc1123Label.test(given.trim()) ? given.trim() : undefined),
    print: (value) => value,
  };
}

/** Such names, comma separated. */
export function labelNames(accepts: string): Kind<readonly string[]> {
  return {
    name: 'labelNames',
    accepts,
    parse: (given) => {
      const names = splitList(given);
      return names.length > 0 && names.every((name) => rfc1123Label.test(name)) ? [...new Set(names)] : undefined;
    },
    print: (names) => names.join(','),
  };
}

/** The items of a comma separated list, without white space around them. */
export function splitList(given: string): string[] {
  return given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
