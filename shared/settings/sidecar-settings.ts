import {
  boolean,
  duration,
  factor,
  filePath,
  fileMode,
  folder,
  integer,
  oneOf,
  port,
  positiveDuration,
  text,
  url,
} from './kind.ts';
import { annotationKey, labelSelector, labelSelectorValue, namespaces, syncNames } from './kubernetes-kind.ts';
import type { Settings, NamedSync } from './read-settings.ts';
import { optionalSetting, requiredSetting, setting } from './setting.ts';

/** Every setting of the sidecar. Names, meanings and defaults are those of kiwigrid/k8s-sidecar where it has them. */
export const sidecarSettings = {
  process: {
    SYNCS: optionalSetting({
      kind: syncNames,
      defaultText: 'one sync without a name',
      description: 'Names of the syncs of this process. The settings of the sync `a` are then `A__LABEL` and so on.',
    }),
    KUBECONFIG: optionalSetting({
      kind: filePath,
      annotation: 'no',
      defaultText: 'the files of the ServiceAccount in the pod',
      description: 'Kubeconfig file to reach the API server with.',
    }),
    SKIP_TLS_VERIFY: setting({
      kind: boolean,
      default: false,
      annotation: 'profile-only',
      description: "Do not verify the API server's certificate.",
    }),
    STATE_DIR: optionalSetting({
      kind: folder,
      annotation: 'no',
      defaultText: 'FOLDER',
      description:
        'Where the ownership record and temporary files lie, on the same mount as FOLDER. In FOLDER they are hidden files.',
    }),
    LIST_PAGE_SIZE: setting({
      kind: integer({ min: 1, max: 10_000 }),
      // Measured with 3,000 ConfigMaps of 10 KiB (docs/architecture.md): larger pages take more memory and no less time.
      default: 100,
      description: 'Objects per page of a LIST.',
    }),
    WATCH_SERVER_TIMEOUT: setting({
      kind: positiveDuration,
      default: 60_000,
      description: 'After which time the API server is asked to end a watch, which is then resumed where it ended.',
    }),
    WATCH_CLIENT_TIMEOUT: setting({
      kind: positiveDuration,
      default: 66_000,
      description:
        'After which time without a byte a connection counts as dead. The API server is asked to end watches six seconds earlier.',
    }),
    READY_PARTIAL: setting({
      kind: boolean,
      default: false,
      description:
        'Whether the first sync counts as done although the API server refuses some resources or namespaces.',
    }),
    HEALTH_PORT: setting({
      kind: port,
      default: 8080,
      description: 'Port of `/startupz`, `/readyz`, `/livez` and `/healthz`; 0 turns the server off.',
    }),
    HEALTH_HOST: optionalSetting({
      kind: text('a host name or an IP address'),
      annotation: 'no',
      defaultText: 'every address, IPv6 and IPv4',
      description: 'Address that the health server listens on.',
    }),
    HEALTH_REQUIRED: setting({
      kind: boolean,
      default: false,
      annotation: 'no',
      description:
        'Whether a taken HEALTH_PORT ends the process; otherwise it is an error in the log. Injection sets it.',
    }),
    SHUTDOWN_TIMEOUT: setting({
      kind: duration,
      default: 1000,
      description: 'How long a pending notification is still tried after SIGTERM.',
    }),
    LOG_LEVEL: setting({
      kind: oneOf('DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRITICAL'),
      default: 'INFO',
      description: 'Lines below this level are not logged.',
    }),
  },
  sync: {
    LABEL: requiredSetting({
      kind: labelSelector,
      description: 'Label key, or whole label selector, of the ConfigMaps and Secrets to sync.',
    }),
    LABEL_VALUE: optionalSetting({
      kind: labelSelectorValue,
      defaultText: 'any value',
      description: 'Value that the label must have.',
    }),
    FOLDER: requiredSetting({
      kind: folder,
      description: 'Folder that the files are written to. On a pod: the path at which the application sees them.',
    }),
    APP_FOLDER: optionalSetting({
      kind: folder,
      annotation: 'no',
      defaultText: 'FOLDER',
      description:
        'Path of FOLDER as the application sees it. Absolute folder annotations mean this path. Injection sets it.',
    }),
    FOLDER_ANNOTATION: setting({
      kind: annotationKey,
      default: 'k8s-sidecar-target-directory',
      description:
        'Annotation of an object that names the folder for its files: relative to FOLDER, or an absolute path in FOLDER.',
    }),
    NAMESPACE: optionalSetting({
      kind: namespaces,
      defaultText: "the pod's own namespace",
      description: 'Namespaces to sync from, comma separated, or `ALL`.',
    }),
    RESOURCE: setting({
      kind: oneOf('configmap', 'secret', 'both'),
      default: 'configmap',
      description: 'Kinds of object to sync.',
    }),
    METHOD: setting({
      kind: oneOf('WATCH', 'LIST', 'SLEEP'),
      default: 'WATCH',
      description: '`WATCH` follows changes; `SLEEP` lists every SLEEP_TIME; `LIST` lists once and ends.',
    }),
    SLEEP_TIME: setting({
      kind: positiveDuration,
      default: 60_000,
      description: 'Time between two lists with METHOD=SLEEP.',
    }),
    UNIQUE_FILENAMES: setting({
      kind: boolean,
      default: false,
      description: 'Name files `namespace_<namespace>.<kind>_<name>.<key>`, so that no two objects claim one.',
    }),
    DEFAULT_FILE_MODE: setting({
      kind: fileMode,
      default: 0o644,
      description: 'Permissions of the files, three octal digits.',
    }),
    SCRIPT: optionalSetting({
      kind: filePath,
      defaultText: 'no script',
      description: 'Program to run after a change, before REQ_URL is called; with `sh` if it is not executable.',
    }),
    SCRIPT_TIMEOUT: setting({
      kind: positiveDuration,
      default: 60_000,
      description: 'After which time SCRIPT is killed.',
    }),
    REQ_URL: optionalSetting({
      kind: url,
      defaultText: 'no request',
      description: 'URL to call after a change; any answer but 2xx counts as a failure, redirects are not followed.',
    }),
    REQ_METHOD: setting({
      kind: oneOf('GET', 'POST'),
      default: 'GET',
      description: 'HTTP method of the call.',
    }),
    REQ_PAYLOAD: optionalSetting({
      secret: true,
      kind: text('JSON, or any text, which is then sent as a JSON string'),
      defaultText: 'no body',
      description: 'JSON body of a POST.',
    }),
    REQ_USERNAME: optionalSetting({
      kind: text(),
      defaultText: 'no authentication',
      description: 'User name for basic authentication at REQ_URL; counts only with REQ_PASSWORD.',
    }),
    REQ_PASSWORD: optionalSetting({
      kind: text(),
      annotation: 'no',
      secret: true,
      defaultText: 'no authentication',
      description: 'Password for basic authentication at REQ_URL.',
    }),
    REQ_TIMEOUT: setting({
      kind: positiveDuration,
      default: 10_000,
      description: 'Time limit of one call of REQ_URL.',
    }),
    REQ_RETRY_TOTAL: setting({
      kind: integer({ max: 1000 }),
      default: 5,
      description: 'Quick retries of a failed notification; afterwards it is tried every NOTIFY_SLOW_RETRY.',
    }),
    REQ_RETRY_BACKOFF_FACTOR: setting({
      kind: factor,
      default: 1.1,
      description: 'The n-th quick retry waits for this × 2^(n-1) seconds, the first one not at all.',
    }),
    REQ_SKIP_INIT: setting({
      kind: boolean,
      default: false,
      description: "Do not call REQ_URL for a volume's first complete sync. SCRIPT runs all the same.",
    }),
    NOTIFY_QUIET: setting({
      kind: duration,
      default: 500,
      description: 'A burst of changes is over, and notified once, after this time without one.',
    }),
    NOTIFY_MAX_WAIT: setting({
      kind: duration,
      default: 5000,
      description: 'The longest time that changes wait for the end of a burst.',
    }),
    NOTIFY_SLOW_RETRY: setting({
      kind: positiveDuration,
      default: 60_000,
      description: 'Time between two tries of a notification once the quick retries have failed.',
    }),
  },
};

export type SidecarTable = typeof sidecarSettings;
export type SidecarSettings = Settings<SidecarTable>;
export type ProcessSettings = SidecarSettings['process'];
export type SyncSettings = NamedSync<SidecarTable['sync']>['settings'];
