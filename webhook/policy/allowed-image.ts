import type { Kind } from '../../shared/settings/kind.ts';

// https://github.com/distribution/reference/blob/main/reference.go has the grammar of image names.
const registry = String.raw`[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`;
const version = String.raw`(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9.+_-]*:[0-9a-fA-F]{32,})?`;

const prefix = new RegExp(`^(?:${registry}|${component})(?:/${component})*/?$`);
const below = new RegExp(`^(?:/${component})+${version}$`);
const atOrBelow = new RegExp(`^(?:/${component})*${version}$`);

/** A registry, or a path in it, whose images may be used. */
export const imagePrefix: Kind<string> = {
  name: 'imagePrefix',
  accepts: 'a registry or a path in it without tag, such as registry.example.com/team',
  parse: (given) => (prefix.test(given) ? given.replace(/\/$/, '') : undefined),
  print: (path) => path,
};

/**
 * Whether an image is one of the prefixes, in any version, or lies below one: `registry.example.com/team` allows
 * `registry.example.com/team:1` and `registry.example.com/team/app`, not `registry.example.com/team-evil/app`.
 */
export function isAllowedImage(image: string, prefixes: readonly string[]): boolean {
  return prefixes.some((allowed) => {
    if (!image.startsWith(allowed)) return false;
    // What follows the name of a registry after a colon is a port, and makes it another one.
    const rest = allowed.includes('/') ? atOrBelow : below;
    return rest.test(image.slice(allowed.length));
  });
}
