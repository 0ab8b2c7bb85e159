import { isDeepStrictEqual } from 'node:util';
import { sleep } from '../../shared/backoff.ts';
import { errorMessage } from '../../shared/error-message.ts';
import type { Logger } from '../../shared/log/log.ts';
import { SettingsError } from '../../shared/program.ts';
import { problemLines } from '../../shared/settings/problem.ts';
import {
  findFile,
  parseFile,
  readConfigurationFile,
  type FoundFile,
  type ReadConfiguration,
} from './configuration-file.ts';
import type { Configuration } from './configuration.ts';

export interface LiveConfigurationOptions {
  /** Absent: an empty configuration that never changes. */
  readonly path: string | undefined;
  readonly now: () => number;
  readonly log: Logger;
  /** Time between two looks at the file. */
  readonly intervalMs?: number;
  readonly find?: typeof findFile;
  /** What is worth a warning of a configuration that is accepted. */
  readonly doubts?: (configuration: Configuration) => readonly string[];
}

/** How the file has been followed, as metrics tell it. */
export interface ConfigurationStatus {
  /** Of the configuration in use; null without a file. */
  readonly version: string | null;
  readonly lastReload: 'ok' | 'failed';
  /** When that was, in milliseconds since 1970. */
  readonly at: number;
}

// The kubelet brings a changed ConfigMap to the volume within about a minute; beside that a second is nothing, and to read some
// kilobytes takes less than a millisecond.
const defaultIntervalMs = 1000;

/** Reads the configuration file for the first time. Throws a SettingsError with every problem. */
export async function openConfiguration(options: LiveConfigurationOptions): Promise<LiveConfiguration> {
  const { configuration, problems, version } = await readConfigurationFile(options.path);
  if (!configuration) throw new SettingsError(problems);
  tellDoubts(configuration, options);
  return new LiveConfiguration(options, { configuration, version });
}

interface Version {
  readonly configuration: Configuration;
  readonly version: string | null;
}

/**
 * The configuration as its file last said it in full: a version that is not accepted changes nothing and is reported. The file is
 * read again and again: a change of a ConfigMap's volume is the change of a link beside it, which not every way of watching shows.
 */
export class LiveConfiguration {
  readonly #options: LiveConfigurationOptions;
  #used: Version;
  #status: ConfigurationStatus;
  /** What the last look found, and what was last judged. */
  #found: FoundFile | null = null;
  #judged: FoundFile | null = null;

  constructor(options: LiveConfigurationOptions, first: Version) {
    this.#options = options;
    this.#used = first;
    this.#status = { version: first.version, lastReload: 'ok', at: options.now() };
  }

  get current(): Configuration {
    return this.#used.configuration;
  }

  get status(): ConfigurationStatus {
    return this.#status;
  }

  /** Follows the file until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { path, intervalMs = defaultIntervalMs, find = findFile } = this.#options;
    while (path !== undefined && !signal.aborted) {
      this.#look(await find(path), path);
      await sleep(intervalMs, signal);
    }
  }

  /** A change counts once two looks have found the same: somebody may be writing the file in place. */
  #look(found: FoundFile, path: string): void {
    const isSettled = isSame(found, this.#found);
    this.#found = found;
    if (!isSettled || isSame(found, this.#judged)) return;
    this.#judged = found;
    this.#judge(found, path);
  }

  #judge(found: FoundFile, path: string): void {
    const { now, log } = this.#options;
    const { configuration, problems, version } = parse(found, path);
    // What is in use already, as at the first looks.
    if (configuration && version === this.#used.version && this.#status.lastReload === 'ok') return;
    if (configuration) {
      this.#used = { configuration, version };
      log.info({ path, version }, 'configuration reloaded');
      tellDoubts(configuration, this.#options);
    } else {
      const facts = { path, version, inUse: this.#used.version, problems: problemLines(problems) };
      log.error(facts, 'the configuration file is not accepted; the version before it stays in use');
    }
    this.#status = { version: this.#used.version, lastReload: configuration ? 'ok' : 'failed', at: now() };
  }
}

/** Whatever a file leads to, a webhook that runs goes on with the version before. */
function parse(found: FoundFile, path: string): ReadConfiguration {
  try {
    return parseFile(found, path);
  } catch (error) {
    const fault = `names ${path}, which cannot be read (${errorMessage(error)})`;
    return { configuration: null, problems: [{ where: 'CONFIG_FILE', kind: 'not-accepted', fault }], version: null };
  }
}

function tellDoubts(configuration: Configuration, { doubts, log }: LiveConfigurationOptions): void {
  for (const doubt of doubts?.(configuration) ?? []) log.warn(doubt);
}

function isSame(one: FoundFile, other: FoundFile | null): boolean {
  return isDeepStrictEqual(one, other);
}
