import { filePath, text } from '../../shared/settings/kind.ts';
import { labelName } from '../../shared/settings/kubernetes-kind.ts';
import { flagNaming } from '../../shared/settings/naming.ts';
import type { Settings } from '../../shared/settings/read-settings.ts';
import { optionalSetting, setting } from '../../shared/settings/setting.ts';
import { imageName } from '../image.ts';
import { webhookSettings } from '../settings.ts';

/** What decides besides the manifest; in a cluster the webhook knows it by itself. */
export const renderSettings = {
  process: {
    CONFIG: optionalSetting({
      kind: filePath,
      defaultText: 'no defaults, and one profile, `default`, that sets nothing',
      description: 'The configuration file of the webhook.',
    }),
    NAMESPACE: setting({
      kind: labelName('the name of a namespace'),
      default: 'default',
      description: 'The namespace of manifests that name none.',
    }),
    NAMESPACE_LABEL: optionalSetting({
      kind: text(),
      defaultText: 'they have no such label',
      description: 'The value of the label sync-sidecar.io/inject of namespaces that are not in FILE.',
    }),
    IMAGE: setting({
      kind: imageName,
      default: webhookSettings.process.SIDECAR_IMAGE.default!,
      description: 'The image of the sidecar; the SIDECAR_IMAGE of the webhook.',
    }),
  },
  sync: {},
};

export type RenderSettings = Settings<typeof renderSettings>['process'];

export const renderUsage = 'usage: webhook render FILE [--SETTING VALUE]...   (more by --help)';

/** The answer to `render --help`. */
export function renderHelp(): string {
  const rows = Object.entries(renderSettings.process).map(
    ([row, { description, ...given }]) =>
      `  ${flagNaming.spell({ row, sync: null })} VALUE\n      ${description} Default: ${defaultOf(given)}.\n`,
  );
  return `usage: webhook render FILE [--SETTING VALUE]...

Prints the manifests of FILE (YAML or JSON; - is stdin) with what the webhook would give to their pods, and on stderr why a pod gets its
sidecar, is left as it is, or would be refused. It asks no cluster.

${rows.join('')}
Exit code: 0; 2 when a pod would be refused, and then no manifest is printed; 1 when something can't be read.
`;
}

function defaultOf(given: { readonly defaultText?: string; readonly default: unknown }): string {
  return given.defaultText ?? String(given.default);
}
