import type { Kind } from '../shared/settings/kind.ts';
import type { Problem } from '../shared/settings/problem.ts';

// A name's parts one by one: their costs grow with their lengths alone. https://github.com/distribution/reference/blob/main/reference.go
const registry = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const pathComponent = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagAndDigest = /^(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,128})?$/;
// Of a name without tag and digest, as registries have it.
const longestName = 255;

/** The name of an image, with or without registry, tag and digest. */
export const imageName: Kind<string> = {
  name: 'imageName',
  accepts: 'the name of an image, such as registry.example.com/sync-sidecar:1.0.0',
  parse: (given) => (isImageName(given.trim()) ? given.trim() : undefined),
  print: (value) => value,
};

function isImageName(image: string): boolean {
  const { name, rest } = splitImage(image);
  const [first = '', ...others] = name.split('/');
  const path = others.length > 0 && registry.test(first) ? others : [first, ...others];
  return name.length <= longestName && path.every((part) => pathComponent.test(part)) && tagAndDigest.test(rest);
}

/**
 * Whether an image is from one of the places that prefixes name: `registry.example.com/team` allows every image below it and, by
 * whatever tag or digest, the image of that name, but not `registry.example.com/team-evil`.
 */
export function isAllowedImage(image: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => isFrom(image, prefix));
}

/** What is wrong with the image that a pod itself chooses, at the annotation `where`. */
export function imageProblems(where: string, given: string | undefined, prefixes: readonly string[]): Problem[] {
  const image = given === undefined ? undefined : imageName.parse(given);
  if (image === undefined || isAllowedImage(image, prefixes)) return [];
  const problem = { where, kind: 'refused', given: image } as const;
  return prefixes.length === 0
    ? [{ ...problem, fault: 'only a profile of the platform team may set this' }]
    : [
        {
          ...problem,
          fault: 'the platform team does not allow this image',
          accepts: `images of ${prefixes.join(', ')}`,
        },
      ];
}

function isFrom(image: string, prefix: string): boolean {
  if (prefix === '' || !image.startsWith(prefix)) return false;
  const rest = image.slice(prefix.length);
  if (prefix.endsWith('/') || rest === '' || rest.startsWith('/')) return true;
  // A colon before a slash is that of a port, and belongs to another registry.
  return (/[:@]$/.test(prefix) || /^[:@]/.test(rest)) && !rest.includes('/');
}

/** The name, with its registry, and what follows it: a tag, a digest or both. The colon of a port belongs to the registry. */
function splitImage(image: string): { name: string; rest: string } {
  const lastComponent = image.slice(image.lastIndexOf('/') + 1);
  const end = image.length - lastComponent.length + (/[:@]/.exec(lastComponent)?.index ?? lastComponent.length);
  return { name: image.slice(0, end), rest: image.slice(end) };
}
