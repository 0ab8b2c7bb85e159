import { stringify } from 'yaml';
import { domain } from '../../shared/settings/naming.ts';
import { downloadSettings } from '../../shared/settings/sidecar-download-settings.ts';
import { fileSettings } from '../../shared/settings/sidecar-file-settings.ts';
import { notificationSettings } from '../../shared/settings/sidecar-notification-settings.ts';
import { processSettings } from '../../shared/settings/sidecar-process-settings.ts';
import { sourceSettings } from '../../shared/settings/sidecar-source-settings.ts';
import type { Reason } from '../../webhook/decision.ts';
import { credentialSettings, injectionSettings } from '../../webhook/injection-settings.ts';
import { reasons } from '../../webhook/reasons.ts';
import { statusKey, statusOf } from '../../webhook/status-annotation.ts';
import { markdownTable } from '../markdown-table.ts';
import { annotated, annotationTable, podRows, shortName } from './annotation-table.ts';
import { examples } from './examples.ts';
import { smallest, smallestAnnotations } from './smallest-pod.ts';

/** The page `docs/annotations.md`, for who writes pods; from the settings tables and the list of reasons. */
export function annotationsPage(): string {
  return `${[start, examplesPart, whatThePodGets, whichValueCounts, ...settingsParts(), outcomes()].join('\n\n')}\n`;
}

const start = `<!-- Made from the settings tables and the list of reasons by \`npm run generate\`; changes here are lost. -->

# Annotations

What you write on a pod to get the sync sidecar, and what you get for it. Three annotations are enough:

\`\`\`yaml
${stringify({ metadata: { annotations: smallestAnnotations } }, { singleQuote: true }).trim()}
\`\`\`

From then on every ConfigMap of the pod's namespace with the label \`dashboard\` is a set of files in \`/etc/dashboards\`, also while the pod runs. Three things to know:

- The annotations belong on the **pod**: of a Deployment, StatefulSet, DaemonSet or Job into \`spec.template.metadata.annotations\`, of a CronJob into \`spec.jobTemplate.spec.template.metadata.annotations\`. A label of the same name does nothing.
- Annotations are text, so put \`'true'\` and numbers into quotes.
- The pod's **ServiceAccount** must be allowed to \`get\`, \`list\` and \`watch\` what is synced. \`kubectl apply\` of the workload warns of what it may not, with the Role that grants it.
  [A whole example](../manifests/examples/annotated-deployment.yaml) has them all.

In a namespace whose label \`${domain}/inject\` asks for the sidecar pods have it without that annotation, with the settings of a profile; \`${domain}/inject: 'false'\` on a pod says no.`;

const examplesPart = `## Examples

**Grafana's dashboards**, with a reload after each change. The user is in a Secret, as everybody who may read a pod can read its annotations:

\`\`\`yaml
${examples.grafana}
\`\`\`

**Two syncs**: dashboards from ConfigMaps, data sources from Secrets, both from two namespaces. A setting without a sync's name, here \`namespace\`, is the default of all:

\`\`\`yaml
${examples.twoSyncs}
\`\`\`

**A Job** that needs the files as they are when it begins: with \`method: LIST\` there is no sidecar beside it that would keep it from ending.

\`\`\`yaml
${examples.job}
\`\`\`

What becomes of a manifest, or why it is refused, without a cluster: \`npm run --silent render -- deployment.yaml\`; with one: \`kubectl apply --dry-run=server\`.`;

const whatThePodGets = `## What the pod gets

- **An init container \`sync-sidecar\`** that keeps running (\`restartPolicy: Always\`), before the other init containers, but behind a mesh's proxy that is one too. The application starts when the first sync is
  complete. Where every sync has \`method: LIST\` it is an ordinary init container.
- **A volume \`sync-sidecar\`**, an emptyDir; in memory as soon as Secrets are synced. Each \`folder\` is mounted from it, read-only, into all containers and into the init containers behind the sidecar;
  but into none of the latter that mounts what the folder lies in, as it may be there to change the owner of it all, which fails in what is read-only. \`mount-containers\` says otherwise. A folder outside of what the application
  itself writes to is best.
- **A port for its probes**, the first free one from 18080 on: the kubelet restarts a sidecar that doesn't sync within \`startup-timeout\`, or is stuck. A lost API server is no reason.
- **Requests and limits**: 10m of CPU and 64Mi of memory, at most 192Mi, to which a volume in memory is added. A Guaranteed pod stays so.
- **As little right as can be**: not root, a read-only root file system, no capabilities, the seccomp profile of the runtime. Pod Security \`restricted\` takes it.
- **The token of the pod's ServiceAccount**, also where the pod says \`automountServiceAccountToken: false\`; then the sidecar alone has one, in a volume \`sync-sidecar-token\`.
- **Two annotations**: \`${statusKey}\` ([below](#what-became-of-a-pod)), and \`cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes\` so that the volume keeps no node from being scaled down, unless the pod has it or a \`volume\` of its own for the files.

Nothing else of the pod is changed.`;

const whichValueCounts = `## Which value counts

The first of these that says something:

1. the pod's annotations,
2. its profile: the one that \`${domain}/profile\` names, else the one that the label of the namespace names, else \`default\`,
3. the platform's defaults,
4. the defaults of the tables below.

Within each of them a sync's own value (\`dashboards.${domain}/label\`) beats the one without a sync's name (\`${domain}/label\`), which is the default of all syncs. So \`label\` on the pod beats \`dashboards.label\` of the
profile. Blank text counts as unset. A name that there is not is refused with the nearest one, never passed over; and the platform team may [not allow](platform.md#policy) every setting and value.`;

/** The tables. Names stand without `sync-sidecar.io/`. */
function settingsParts(): string[] {
  const { INJECT, PROFILE, HEALTH_PORT, ...injection } = { ...injectionSettings, ...processSettings };
  const { SYNCS, ...process } = processSettings;
  const own = Object.keys(injection).filter((row) => row in injectionSettings);
  const ofTheProcess = annotated(process).filter((row) => row !== 'HEALTH_PORT');
  return [
    `## All settings\n\nEach has \`${domain}/\` before its name. Times are seconds, or a number with \`ms\`, \`s\`, \`m\` or \`h\`.`,
    `### Asking\n\n${annotationTable(annotated({ INJECT, PROFILE, SYNCS }))}`,
    `### What is synced\n\nOf each sync: \`${domain}/label\`, or \`<sync>.${domain}/label\`.\n\n${annotationTable(annotated(sourceSettings))}`,
    `### The files\n\nOf each sync.\n\n${annotationTable(annotated(fileSettings))}`,
    `### Telling the application\n\nOf each sync.\n\n${annotationTable(annotated({ ...notificationSettings, ...credentialsOf('REQ') }))}`,
    `### Downloads\n\nOf each sync: for keys that end in \`.url\`, whose files are what the URL leads to.\n\n${annotationTable(annotated({ ...downloadSettings, ...credentialsOf('URL') }))}`,
    `### The container and its volume\n\nOf the pod: they take no sync's name.\n\n${annotationTable([...own, ...annotated({ HEALTH_PORT })])}`,
    `### The program\n\nOf the pod: they take no sync's name.\n\n${annotationTable(ofTheProcess)}`,
    `### What only a profile may say\n\n${profileOnly()}: see [for platform teams](platform.md).`,
  ];
}

function credentialsOf(prefix: string): object {
  return Object.fromEntries(Object.entries(credentialSettings).filter(([row]) => row.startsWith(prefix)));
}

function profileOnly(): string {
  const rows = Object.keys(podRows).filter((row) => podRows[row]?.annotation === 'profile-only');
  return rows.map((row) => `\`${shortName(row)}\``).join(', ');
}

function outcomes(): string {
  const lines = Object.entries(reasons).map(([reason, { outcome, help }]) => [
    `\`${reason}\``,
    outcome,
    help,
    remedies[reason as Reason],
  ]);
  return `## What became of a pod

An injected pod says so itself, for people and their tools:

\`\`\`yaml
${statusKey}: '${statusOf('default', smallest)}'
\`\`\`

A pod that is refused isn't there: its controller has an event with the whole message (\`kubectl describe replicaset\`, \`kubectl describe job\`), which names every problem at once, what is accepted and the nearest name. Every
pod that comes to the webhook has one of these reasons, in its log, [metrics](metrics.md#reasons) and the API server's audit log:

${markdownTable(['Reason', 'Outcome', 'Meaning', 'What to do'], lines)}

And where a pod has neither sidecar nor event: [the pod has no sidecar](operations.md#troubleshooting-by-symptom).`;
}

const remedies: Readonly<Record<Reason, string>> = {
  injected: 'Nothing.',
  'already-injected': 'Nothing.',
  'not-asked': `\`${domain}/inject: 'true'\` on the pod, if it shall have the sidecar.`,
  'opted-out': 'Take the annotation away, if it shall have the sidecar.',
  'invalid-settings': 'Mend what the message names: it has all of it, and what is accepted.',
  'unknown-profile':
    'Take one of those that the message names; one that a label names is for the owner of the namespace to mend.',
  policy: 'Leave the setting out or take a value that the message names; else ask your platform team for a profile.',
  'name-taken':
    'Call yours something else than `sync-sidecar` and `sync-sidecar-token`. In a copy of an injected pod: leave out what was injected.',
  windows: 'Take the annotations away: the sidecar runs on Linux.',
  'mesh-cni': 'Let the mesh run its proxy as a native sidecar, by the annotation that the message names.',
  'health-port': '`health-port` with a port that is free; with `hostNetwork`, on all nodes.',
  'mount-conflict': 'Another `folder`, or `mount-containers` without that container.',
  'nested-folders': 'Folders side by side.',
};
