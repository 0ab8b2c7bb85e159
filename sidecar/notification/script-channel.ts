import type { Logger } from '../../shared/log/log.ts';
import type { Channel } from './channel.ts';
import { writeChangesFile, type ChangesFilePlaces } from './changes-file.ts';
import { runScript, type ScriptRun } from './script-process.ts';

export interface ScriptOptions extends Omit<ScriptRun, 'signal'> {
  /** The name of the sync, for SYNC_NAME. */
  readonly sync: string;
  /** Where the file with the changes may lie, for SYNC_CHANGES_FILE. */
  readonly places: ChangesFilePlaces;
  readonly log: Logger;
}

/** Runs SCRIPT with the sidecar's environment, SYNC_NAME, and in SYNC_CHANGES_FILE the path of a JSON file that tells what has changed. */
export function scriptChannel(options: ScriptOptions): Channel {
  const { path, sync, places, log } = options;
  let noPlaceReported = false;
  return {
    name: 'SCRIPT',
    target: path,
    deliver: async (signal, changes) => {
      using file = writeChangesFile({ ...changes, sync }, places);
      if (!file && !noPlaceReported) {
        noPlaceReported = true;
        log.warn({ tried: places.candidates }, 'SCRIPT runs without SYNC_CHANGES_FILE, as there is no place for it');
      }
      const environment = { ...options.environment, SYNC_NAME: sync, SYNC_CHANGES_FILE: file?.path };
      const { stdout, stderr } = await runScript({ ...options, environment, signal });
      if (stdout) log.debug(`Script stdout: ${stdout}`);
      if (stderr) log.debug(`Script stderr: ${stderr}`);
    },
  };
}
