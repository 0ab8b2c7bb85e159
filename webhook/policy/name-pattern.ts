import type { Kind } from '../../shared/settings/kind.ts';

/** The name of a namespace, in which `*` stands for any text, also for none. */
export const namespacePattern: Kind<string> = {
  name: 'namespacePattern',
  accepts: 'the name of a namespace, in which * stands for any text, such as team-*',
  parse: (given) => (/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/.test(given) ? given : undefined),
  print: (pattern) => pattern,
};

/** Whether a name matches a pattern: in steps that never go back, so that no name can make it slow. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.endsWith(last) && at + last.length <= name.length;
}
