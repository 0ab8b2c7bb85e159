import { PlainError } from '../plain-error.ts';
import { readOptions, type Answer } from '../read-options.ts';

/** What `npm run images` is asked for. */
export interface ImagesArguments {
  /** Install buildah where nothing else builds images. */
  readonly install: boolean;
  /** Registry, and path in it, to push to. */
  readonly push: string | undefined;
  readonly nodeImage: string | undefined;
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): ImagesArguments | Answer {
  const text = { type: 'string' } as const;
  const options = { install: { type: 'boolean' }, push: text, 'node-image': text } as const;
  return readOptions(args, { options, usage }, ({ values }) => {
    const { install = false, push } = values;
    return { install, push: readRegistry(push), nodeImage: readImage(values['node-image']) };
  });
}

function readRegistry(text: string | undefined): string | undefined {
  // As image references have it: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
  // A host may be in upper case, what follows it not.
  if (text === undefined || /^[a-zA-Z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/.test(text)) return text;
  throw new PlainError(
    `--push needs a registry and maybe a path in lower case, such as registry.example.com/team, not ${JSON.stringify(text)}`,
  );
}

function readImage(text: string | undefined): string | undefined {
  if (text === undefined || /^[^\s-]\S*$/.test(text)) return text;
  throw new PlainError(`--node-image needs the name of an image, not ${JSON.stringify(text)}`);
}

const usage = [
  'usage: npm run images -- [--install] [--node-image NAME] [--push REGISTRY]',
  '  --install          installs buildah (apt-get, as root) where neither Docker nor Podman nor buildah answers',
  '  --node-image NAME  takes Node and its libraries from this image; unless given, from the one that the Dockerfiles name or, where',
  "                     that can't be pulled, from npm and Debian",
  '  --push REGISTRY    pushes both images to REGISTRY/sync-sidecar and REGISTRY/sync-sidecar-webhook',
].join('\n');
