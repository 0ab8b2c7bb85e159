import type { Cluster } from '../../test/control-plane/cluster.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import type { RegisteredWebhook } from '../../test/product/webhook-program.ts';
import type { Container } from '../../webhook/pod.ts';
import type { Notification } from './changes.ts';
import type { CreatedPod, Example } from './example.ts';
import type { Narrator } from './narrator.ts';
import type { Ledger, PromiseName, Sight } from './promises.ts';

/** Where the demo plays: a cluster with our webhook, and what runs the pod that the webhook has changed. */
export interface Stage {
  cluster: Cluster;
  namespace: string;
  webhook: RegisteredWebhook;
  /** As it is applied here. */
  example: Example;
  /** What of the example had to be replaced here. */
  replaced: string;
  /** What can be seen here. */
  promises: readonly PromiseName[];
  /** Runs the sidecar that the webhook gave the pod, and tells how; resolves when its first sync is done. It ends with the stage. */
  startPod(pod: CreatedPod, sidecar: Container): Promise<RunningApplication>;
  /** Shell commands that show the files, for who looks around. */
  lookAround(pod: CreatedPod): readonly string[];
}

/** The application's side of a pod whose sidecar runs. */
export interface RunningApplication {
  /** What tells that the first sync was done before the application started. */
  startup: Sight;
  /** The synced files as the application sees them, by a path of this machine. */
  folder: string;
  /** Requests that the application got, the last one last; grows. */
  notifications: readonly Notification[];
  /** Everything that the sidecar has logged. */
  sidecarLog(): Promise<string>;
  /** Makes the sidecar stop working, for as long as the demo takes. */
  breakSidecar(): Promise<void>;
  /** Shows what only a kubelet can. */
  showOnNode?(ledger: Ledger): Promise<void>;
}

export interface StageOptions {
  env: NodeJS.ProcessEnv;
  narrator: Narrator;
  onProgress: OnProgress;
  /** Called when a long step has ended and its progress line can be left. */
  endProgress: () => void;
  signal: AbortSignal;
}

/** Builds a stage, and tells how; what it takes down goes on the stack. */
export type OpenStage = (options: StageOptions, stack: AsyncDisposableStack) => Promise<Stage>;
