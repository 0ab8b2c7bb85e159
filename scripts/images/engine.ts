import { join } from 'node:path';
import { ourCache, type CachePlace } from '../cache-directory.ts';

export const engineNames = ['docker', 'podman', 'buildah'] as const;
export type EngineName = (typeof engineNames)[number];

/** A program that builds images, and its words for what we want of it. */
export interface Engine {
  readonly name: EngineName;
  readonly env: NodeJS.ProcessEnv;
  /** What a person types before a verb to see the images. */
  readonly command: readonly string[];
  /** Ends with exit code 0 if the engine can be used. */
  readonly ask: readonly string[];
  /** Removes what a build that was killed has left behind; undefined: the engine sees to that itself. */
  readonly tidy: readonly string[] | undefined;
  /** Prints the id of an image that is there, and nothing else on stdout. */
  readonly identify: (image: string) => readonly string[];
  /** Prints the variables of an image's environment, a line each. */
  readonly environment: (image: string) => readonly string[];
  /** Also where an image of that name is there already. */
  readonly pull: (image: string) => readonly string[];
  /** Flags and the context follow. */
  readonly build: readonly string[];
  readonly tag: (image: string, name: string) => readonly string[];
  /** Writes an archive, in which the image has that name, for `ctr images import` and `docker load`. */
  readonly save: (image: { id: string; name: string; path: string }) => readonly (readonly string[])[];
  readonly push: (image: string, target: string) => readonly (readonly string[])[];
}

/** The engine of that name as it is called on this machine. */
export function describeEngine(name: EngineName, place: CachePlace): Engine {
  // A builder of the driver docker-container knows no image of the daemon, and gives it none: https://docs.docker.com/build/builders/drivers.
  // `default` is that of the current context, of the driver docker.
  const env = name === 'docker' ? { ...place.env, BUILDX_BUILDER: 'default' } : place.env;
  return { name, env, ...(name === 'buildah' ? buildah(place) : ofDaemon(name)) };
}

type Words = Omit<Engine, 'name' | 'env'>;

function ofDaemon(name: 'docker' | 'podman'): Words {
  return {
    command: [name],
    ask: [name, 'info'],
    tidy: undefined,
    identify: (image) => [name, 'image', 'inspect', '--format', '{{.Id}}', image],
    environment: (image) => [name, 'image', 'inspect', '--format', linesOf('.Config.Env'), image],
    pull: (image) => [name, 'pull', image],
    build: [name, 'build'],
    tag: (image, tag) => [name, 'tag', image, tag],
    // An image saved by its id has no name in the archive.
    save: (image) => [
      [name, 'tag', image.id, image.name],
      [name, 'save', ...formatOf[name], '--output', image.path, image.name],
    ],
    push: (image, target) => [
      [name, 'tag', image, target],
      [name, 'push', target],
    ],
  };
}

const formatOf = { docker: [], podman: ['--format', 'docker-archive'] } as const;

/** A template of Go: https://pkg.go.dev/text/template. */
function linesOf(list: string): string {
  return `{{range ${list}}}{{println .}}{{end}}`;
}

/**
 * Without daemon, user namespace or overlay, so that it also works as root in a container. With a storage of its own: vfs copies whole images, and
 * what a killed build leaves there can be told from other people's. One at a time, so that tidying up takes nothing away from a build.
 */
function buildah(place: CachePlace): Words {
  const storage = join(ourCache(place), 'buildah');
  const paths = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run')];
  const command = ['buildah', '--storage-driver', 'vfs', ...paths];
  const temporary = join(storage, 'temporary');
  const locked = ['flock', storage, 'env', `TMPDIR=${temporary}`, ...command];
  return {
    command,
    ask: ['sh', '-c', 'mkdir -p "$0" && "$@" >/dev/null', temporary, ...command, 'info'],
    tidy: ['flock', '--nonblock', storage, ...['sh', '-c', tidyBuildah, temporary, ...command]],
    identify: (image) => [...command, 'inspect', '--type', 'image', '--format', '{{.FromImageID}}', image],
    environment: (image) => [...command, 'inspect', '--type', 'image', '--format', linesOf('.OCIv1.Config.Env'), image],
    pull: (image) => [...locked, 'pull', '--policy', 'always', image],
    build: [...locked, 'bud', '--isolation', 'chroot'],
    tag: (image, tag) => [...locked, 'tag', image, tag],
    save: ({ id, name, path }) => [[...locked, 'push', id, `docker-archive:${path}:${name}`]],
    push: (image, target) => [[...locked, 'push', image, `docker://${target}`]],
  };
}

/** Containers of builds that were killed, and images that have lost their name to a later build. */
const tidyBuildah = 'rm -rf "$0"/* && "$@" rm --all && "$@" rmi --prune';
