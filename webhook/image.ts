import type { Kind } from '../shared/settings/kind.ts';

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

/** The name, with its registry, and what follows it: a tag, a digest or both. The colon of a port belongs to the registry. */
function splitImage(image: string): { name: string; rest: string } {
  const lastComponent = image.slice(image.lastIndexOf('/') + 1);
  const end = image.length - lastComponent.length + (/[:@]/.exec(lastComponent)?.index ?? lastComponent.length);
  return { name: image.slice(0, end), rest: image.slice(end) };
}
