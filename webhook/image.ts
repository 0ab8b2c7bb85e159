import type { Kind } from '../shared/settings/kind.ts';
import { isPathComponent, isRegistry, isTagAndDigest, splitImage } from './image-grammar.ts';

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
  const path = others.length > 0 && isRegistry(first) ? others : [first, ...others];
  return name.length <= longestName && path.every(isPathComponent) && isTagAndDigest(rest);
}
