import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { Surroundings } from '../../shared/program.ts';
import type { ProcessSettings, SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import type { Meter } from '../health/meter.ts';
import type { PathOwners } from '../files/path-owners.ts';
import type { ScopeStream } from '../source/scope-stream.ts';
import type { Scope } from '../source/source.ts';

/** Everything that a sync needs and that is there before its FOLDER is open. */
export interface SyncOptions extends Pick<Surroundings, 'environment' | 'kill' | 'now' | 'random'> {
  /** For logs, metrics, SCRIPT, and other syncs' messages. */
  readonly name: string;
  readonly settings: SyncSettings;
  readonly process: ProcessSettings;
  /** Its scopes, and the streams that tell of them. */
  readonly sources: readonly { readonly scope: Scope; readonly stream: ScopeStream }[];
  readonly client: ApiClient;
  /** Shared by all syncs of the process. */
  readonly pathOwners: PathOwners;
  /** Whether every sync of the process knows all objects that it selects, and has written them. */
  readonly isProcessComplete: () => boolean;
  readonly log: Logger;
  readonly meter: Meter;
  /** The pause between two signs of life for other processes on FOLDER, in milliseconds. */
  readonly beatMs?: number;
}
