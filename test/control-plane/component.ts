import { readFile } from 'node:fs/promises';
import {
  bareEnvironment,
  startProcess,
  type ExitStatus,
  type LeashedProcess,
  type Namespaces,
} from './leashed-process.ts';
import { eventually } from '../eventually.ts';

export interface ComponentOptions {
  /** Such as kube-apiserver; for messages and the log file's name. */
  name: string;
  command: string;
  args: readonly string[];
  directory: string;
  namespaces: Namespaces | undefined;
}

/** One program of a control plane, running. */
export interface Component {
  name: string;
  process: LeashedProcess;
  logFile: string;
}

/** A component has ended, or did not get ready in time; the message holds the end of its log. */
export class ComponentError extends Error {
  override name = 'ComponentError';
}

/** Starts a component with its log in `directory`/NAME.log. */
export async function startComponent(options: ComponentOptions): Promise<Component> {
  const { name, command, args, directory, namespaces } = options;
  const logFile = `${directory}/${name}.log`;
  const leashed = await startProcess({
    command,
    args,
    env: bareEnvironment(directory),
    cwd: directory,
    logFile,
    ...(namespaces && { namespaces }),
  });
  return { name, process: leashed, logFile };
}

export interface ReadyOptions {
  /** Throws or answers false until `component` is ready. */
  check: () => Promise<unknown>;
  /** What `component` needs: the death of one of these is told at once too. */
  needs: readonly Component[];
  signal: AbortSignal;
}

/** Waits until `component` is ready. Throws a ComponentError when it or what it needs ends first, or after a minute. */
export async function untilReady(component: Component, { check, needs, signal }: ReadyOptions): Promise<void> {
  const death = new AbortController();
  for (const one of [component, ...needs]) {
    void one.process.exited.then((status) => death.abort({ one, status } satisfies Death));
  }
  try {
    // 3 s on an idle machine; a minute is for one that builds Kubernetes at the same time.
    await eventually(check, { timeoutMs: 60_000, signal: AbortSignal.any([signal, death.signal]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw await componentError(component, death.signal, cause);
  }
}

interface Death {
  one: Component;
  status: ExitStatus;
}

async function componentError(waitedFor: Component, death: AbortSignal, cause: unknown): Promise<ComponentError> {
  if (!death.aborted) {
    const message = `${waitedFor.name} did not get ready. Its log ends with:\n${await logEnd(waitedFor)}`;
    return new ComponentError(message, { cause });
  }
  const { one, status } = death.reason as Death;
  const how = status.signal === null ? `with exit code ${status.code}` : `by ${status.signal}`;
  return new ComponentError(`${one.name} ended ${how}. Its log ends with:\n${await logEnd(one)}`);
}

async function logEnd({ logFile }: Component): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return lines.slice(-10).join('\n');
}
