import type { Kind } from '../../shared/settings/kind.ts';
import { isPathComponent, isRegistry, isTagAndDigest, splitImage } from '../image-grammar.ts';

/** A registry, or a path in it, whose images may be used. */
export const imagePrefix: Kind<string> = {
  name: 'imagePrefix',
  accepts: 'a registry or a path in it without tag, such as registry.example.com/team',
  parse: (given) => {
    const prefix = given.replace(/\/$/, '');
    const [first = '', ...path] = prefix.split('/');
    return (isRegistry(first) || isPathComponent(first)) && path.every(isPathComponent) ? prefix : undefined;
  },
  print: (path) => path,
};

/**
 * Whether an image is one of the prefixes, in any version, or lies below one: `registry.example.com/team` allows
 * `registry.example.com/team:1` and `registry.example.com/team/app`, not `registry.example.com/team-evil/app`.
 */
export function isAllowedImage(image: string, prefixes: readonly string[]): boolean {
  return prefixes.some(
    (allowed) => image.startsWith(allowed) && isVersionOrBelow(image.slice(allowed.length), allowed),
  );
}

function isVersionOrBelow(end: string, allowed: string): boolean {
  const { name, rest } = splitImage(end);
  const [first, ...path] = name.split('/');
  // What follows the name of a registry after a colon is a port, and makes it another one.
  const isBelow = path.length > 0 || allowed.includes('/');
  return first === '' && isBelow && path.every(isPathComponent) && isTagAndDigest(rest);
}
