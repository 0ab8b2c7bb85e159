// The parts of an image's name one by one: what it costs grows with their lengths alone.
// https://github.com/distribution/reference/blob/main/reference.go
const registry = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const pathComponent = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
// No algorithm that registries know has a digest of more than 512 bits.
const tagAndDigest = /^(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,128})?$/;

/** The host of a registry, perhaps with a port. */
export function isRegistry(text: string): boolean {
  return registry.test(text);
}

/** What stands between slashes, but for the registry. */
export function isPathComponent(text: string): boolean {
  return pathComponent.test(text);
}

/** A tag, a digest, both or nothing. */
export function isTagAndDigest(text: string): boolean {
  return tagAndDigest.test(text);
}

/** The name, with its registry, and what follows it: a tag, a digest or both. The colon of a port belongs to the registry. */
export function splitImage(image: string): { name: string; rest: string } {
  const lastComponent = image.slice(image.lastIndexOf('/') + 1);
  const end = image.length - lastComponent.length + (/[:@]/.exec(lastComponent)?.index ?? lastComponent.length);
  return { name: image.slice(0, end), rest: image.slice(end) };
}
