import {
  boolean,
  duration,
  durationUnlessZero,
  filePath,
  folder,
  integer,
  port,
  positiveDuration,
  text,
} from './kind.ts';
import { syncNames } from './kubernetes-kind.ts';
import { logSettings } from './log-settings.ts';
import { optionalSetting, setting } from './setting.ts';

/** What the process of the sidecar exists once for. */
export const processSettings = {
  SYNCS: optionalSetting({
    kind: syncNames,
    defaultText: 'one sync without a name',
    description: 'Names of the syncs of this process. The settings of the sync `a` are then `A__LABEL` and so on.',
  }),
  KUBECONFIG: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: '~/.kube/config if it is there, else the files of the ServiceAccount in the pod',
    description: "Kubeconfig file to reach the API server with; in a pod the ServiceAccount's files if it isn't there.",
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
    kind: durationUnlessZero,
    default: 60_000,
    description: 'After which time the API server is asked to end a watch, which is then resumed where it ended.',
  }),
  WATCH_CLIENT_TIMEOUT: setting({
    kind: positiveDuration,
    default: 66_000,
    description:
      'After which time without a byte a connection counts as dead. The API server is asked to end watches six seconds earlier, but not before one second.',
  }),
  ERROR_THROTTLE_SLEEP: optionalSetting({
    kind: durationUnlessZero,
    defaultText: '0.8 s after a first error, doubling with each further one up to 30 s',
    description: 'How long to wait after an error of the API server before asking it again.',
  }),
  DISABLE_X509_STRICT_VERIFICATION: setting({
    kind: boolean,
    default: false,
    annotation: 'no',
    description:
      'Accepted for kiwigrid/k8s-sidecar, without effect: the check that it turns off there is not made here.',
  }),
  K8S_CONTACT_THRESHOLD_SECONDS: optionalSetting({
    kind: positiveDuration,
    defaultText:
      'twice WATCH_SERVER_TIMEOUT; with METHOD=SLEEP twice SLEEP_TIME; with RESOURCE_NAME twice the longer of the two',
    description:
      'After which time without a word from the API server `/healthz` answers 503. The other endpoints do not.',
  }),
  READY_PARTIAL: setting({
    kind: boolean,
    default: false,
    description: 'Whether the first sync counts as done although the API server refuses some resources or namespaces.',
  }),
  HEALTH_PORT: setting({
    kind: port,
    default: 8080,
    description: 'Port of `/startupz`, `/readyz`, `/livez`, `/healthz` and `/metrics`; 0 turns the server off.',
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
  ...logSettings,
  LOG_CONFIG: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: 'lines to stderr, as LOG_LEVEL, LOG_FORMAT and LOG_TZ say',
    description:
      "File in the YAML form of Python's `logging.config`: levels, console and file handlers, formats. What means nothing outside of Python is named and ignored.",
  }),
};
