import { annotationNaming, domain, environmentNaming, longestText } from '../shared/settings/naming.ts';
import { mostTold } from '../shared/settings/problem.ts';
import { mostScopes } from '../shared/settings/scope-problems.ts';
import type { Rows, Setting } from '../shared/settings/setting.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { credentialSettings, injectionSettings } from '../webhook/injection-settings.ts';
import { podSettings } from '../webhook/pod-settings.ts';
import { webhookSettings } from '../webhook/settings.ts';
import { markdownTable } from './markdown-table.ts';

/** The page `docs/settings.md`, from the settings tables. */
export function settingsPage(): string {
  const { HEALTH_PORT } = podSettings.process;
  return `<!-- Made from the settings tables by \`npm run generate\`; changes here are lost. -->

# Settings

The sidecar reads environment variables. On a pod that the webhook injects they are annotations: the setting \`REQ_URL\` is
\`${annotationNaming.spell({ row: 'REQ_URL', sync: null })}\`. Values are read generously (white space around them, \`TRUE\` for \`true\`), an empty one counts as unset, and
everything that is not accepted is refused with all problems in one message, or the first ${mostTold} and how many more there are. A span of time is a number of seconds or a number
with \`ms\`, \`s\`, \`m\` or \`h\`. Every setting that isn't secret can be a flag too, \`--req-url\`, which wins.
As an annotation, and in a profile, a value has at most ${longestText} characters; for what needs more, such as hundreds of namespaces, there
are \`ALL\` and labels.

**Several syncs** of one process have names: with \`SYNCS=dashboards,alerts\` the label of the first is \`${environmentNaming.spell({ row: 'LABEL', sync: 'dashboards' })}\`, on a
pod \`${annotationNaming.spell({ row: 'LABEL', sync: 'dashboards' })}\`. A sync setting without a name is the default of all syncs.

**Each collection is a watch**: a kind, in a namespace, and with \`RESOURCE_NAME\` a name. The syncs of one process have at most ${mostScopes} together;
\`NAMESPACE=ALL\` counts as one namespace.

A stronger source wins: on a pod its annotations, then its profile, then the platform's defaults, then the defaults of the
tables below. Within one source a sync's own value wins over the default of all syncs.
What a source says also switches off what weaker ones say of the same in another way, such as a REQ_PAYLOAD_TEMPLATE beside a REQ_PAYLOAD.

## Of the sync

One set for each sync.

${table(sidecarSettings.sync)}

## Of the process

They exist once, however many syncs there are.

${table(sidecarSettings.process)}

## Of the injection

Annotations of a pod, and nearly all of them settings of a profile too. On a pod some of the settings above mean more:

- \`${annotationNaming.spell({ row: 'FOLDER', sync: null })}\` is the path at which the application sees the files; the sidecar has them elsewhere.
- \`${annotationNaming.spell({ row: 'HEALTH_PORT', sync: null })}\`: ${HEALTH_PORT.description} Default: ${HEALTH_PORT.defaultText}.
- \`${annotationNaming.spell({ row: 'REQ_SKIP_INIT', sync: null })}\` is \`true\` by default: the application starts after the first sync and needs no notification of it.
- \`URL_ALLOW_PRIVATE\` is \`false\` by default: who writes a ConfigMap must not reach by it what only the pod can reach.
- \`${annotationNaming.spell({ row: 'REQ_URL', sync: null })}\` has no user name and no password in it: everybody who may read the pod could read them.

${table(injectionSettings, { variables: false })}

One set for each sync:

${table(credentialSettings, { variables: false })}

A namespace opts in as a whole with the label \`${domain}/inject\`: \`true\`, or the name of a profile. A pod in it opts out with the
annotation \`${domain}/inject: "false"\`.

## Of the webhook

Environment variables of the webhook itself.

${table(webhookSettings.process, { annotations: false })}
`;
}

function table(rows: Rows, { variables = true, annotations = true } = {}): string {
  const spellings = [...(variables ? ['Variable'] : []), ...(annotations ? ['Annotation'] : [])];
  const head = [...spellings, 'Default', 'Accepts', 'Meaning'];
  const lines = Object.entries(rows).map(([row, setting]) => [
    ...(variables ? [`\`${row}\``] : []),
    ...(annotations ? [annotationOf(row, setting)] : []),
    defaultOf(setting),
    setting.kind.accepts,
    setting.description,
  ]);
  return markdownTable(head, lines);
}

function annotationOf(row: string, { annotation }: Setting<unknown>): string {
  const name = `\`${annotationNaming.spell({ row, sync: null }).replace(`${domain}/`, '')}\``;
  return { yes: name, 'pod-only': `${name} (pods only)`, 'profile-only': `${name} (profiles only)`, no: '–' }[
    annotation
  ];
}

function defaultOf({ required, unless, default: value, kind, defaultText }: Setting<unknown>): string {
  if (required) return unless === undefined ? '**required**' : `**required** without ${unless}`;
  return value === undefined || value === null ? (defaultText ?? '–') : `\`${kind.print(value)}\``;
}
