import { findInPath } from '../../test/control-plane/executable.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import { PlainError } from '../plain-error.ts';
import { runUndisturbed } from './run-undisturbed.ts';

/** What a person types, as root. */
export const installation = ['apt-get', 'install', '--yes', '--no-install-recommends', 'buildah'] as const;

export interface Installing {
  env: NodeJS.ProcessEnv;
  onProgress: OnProgress;
  /** An abort is heeded when apt-get has ended: a dpkg that is killed leaves work for a person. */
  signal: AbortSignal;
}

/** Installs buildah with apt-get. Throws a PlainError with its words when that fails. */
export async function installBuildah({ env, onProgress, signal }: Installing): Promise<void> {
  if ((await findInPath('apt-get', env.PATH)) === undefined) {
    throw new PlainError(
      'buildah is installed with apt-get, which is not here. Install and start Docker or Podman yourself.',
    );
  }
  const detail = installation.join(' ');
  onProgress({ step: 'installing buildah', detail });
  const tellWaiting = (): void =>
    onProgress({ step: 'waiting for the installation to end, so that it is whole', detail });
  signal.addEventListener('abort', tellWaiting);
  const { code, stderr } = await install({ ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal).finally(() =>
    signal.removeEventListener('abort', tellWaiting),
  );
  signal.throwIfAborted();
  if (code !== 0) throw new PlainError(`${detail} failed:\n${stderr.trim()}`);
}

async function install(env: NodeJS.ProcessEnv, signal: AbortSignal): ReturnType<typeof runUndisturbed> {
  const first = await runUndisturbed(installation, env);
  if (first.code === 0 || signal.aborted) return first;
  // There are no package lists yet, or they are old.
  await runUndisturbed(['apt-get', 'update'], env);
  return signal.aborted ? first : runUndisturbed(installation, env);
}
