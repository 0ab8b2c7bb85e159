import { findInPath } from '../../test/control-plane/executable.ts';
import { runCommand, type Command } from '../../test/control-plane/leashed-process.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import { PlainError } from '../plain-error.ts';
import type { CachePlace } from '../cache-directory.ts';
import { describeEngine, engineNames, type Engine, type EngineName } from './engine.ts';
import { installation, installBuildah } from './install-buildah.ts';

export interface EngineSearch extends CachePlace {
  /** Whether buildah may be installed where no engine answers. */
  install: boolean;
  /** The user that this runs as; undefined where users have no number. */
  uid: number | undefined;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** The first of docker, podman and buildah that answers. Throws a PlainError that says what to type when there is none. */
export async function findEngine(search: EngineSearch): Promise<Engine> {
  const found = await firstThatAnswers(search);
  if ('name' in found) return found;
  if (!search.install) throw new PlainError(noEngine(found.complaints));
  if (isOrdinary(search)) throw new PlainError(`--install needs root, ${asRoot(search)}`);
  await installBuildah(search);
  const installed = await firstThatAnswers(search);
  if ('name' in installed) return installed;
  throw new PlainError(`apt-get has installed buildah, but it can't be used: ${installed.complaints.buildah}`);
}

interface NoEngine {
  /** Why it is not this one. */
  complaints: Record<EngineName, string>;
}

async function firstThatAnswers(search: EngineSearch): Promise<Engine | NoEngine> {
  const complaints: Partial<Record<EngineName, string>> = {};
  for (const name of engineNames) {
    search.onProgress({ step: 'looking for docker, podman or buildah', detail: name });
    const engine = describeEngine(name, search);
    const complaint = await complaintOf(engine, search);
    if (complaint === undefined) {
      await tidyUp(engine, search);
      return engine;
    }
    complaints[name] = complaint;
  }
  return { complaints: complaints as Record<EngineName, string> };
}

async function complaintOf(engine: Engine, search: EngineSearch): Promise<string | undefined> {
  const { env, signal } = search;
  if ((await findInPath(engine.name, env.PATH)) === undefined) return notInstalled;
  // It answers, but fails at the first command of a build: without user namespaces only root may chroot.
  if (engine.name === 'buildah' && isOrdinary(search)) return `as it is used here, it needs root, ${asRoot(search)}`;
  // A daemon on another machine, by DOCKER_HOST, may never answer.
  const limit = AbortSignal.timeout(20_000);
  try {
    const { code, stderr } = await runCommand({
      ...commandOf(engine.ask),
      env,
      signal: AbortSignal.any([signal, limit]),
    });
    return code === 0 ? undefined : stderr.trim().split('\n').at(-1) || `exit code ${code}`;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return 'no answer within 20 s';
    throw error;
  }
}

async function tidyUp({ tidy }: Engine, { env, signal }: EngineSearch): Promise<void> {
  // Fails when somebody else builds at this moment; the next one does it then.
  if (tidy) await runCommand({ ...commandOf(tidy), env, signal });
}

function commandOf([command = '', ...args]: readonly string[]): Pick<Command, 'command' | 'args'> {
  return { command, args };
}

const notInstalled = 'not installed';

function isOrdinary({ uid }: EngineSearch): boolean {
  return uid !== undefined && uid !== 0;
}

function asRoot({ uid }: EngineSearch): string {
  return `and this is user ${uid}: repeat the command after \`sudo --preserve-env=PATH env\``;
}

function noEngine(complaints: NoEngine['complaints']): string {
  const problem = `No program that builds images can be used:\n${asList(complaints)}`;
  if (complaints.buildah !== notInstalled) return `${problem}\nStart Docker or Podman, or do what buildah needs.`;
  return [
    problem,
    'Start Docker or Podman; or, on Debian or Ubuntu, use buildah, which needs root, but no daemon. As root, install it:',
    `  ${installation.join(' ')}`,
    'With --install this is done for you.',
  ].join('\n');
}

function asList(complaints: NoEngine['complaints']): string {
  return engineNames.map((name) => `  ${name}: ${complaints[name]}`).join('\n');
}
