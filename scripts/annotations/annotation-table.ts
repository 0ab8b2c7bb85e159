import { annotationNaming, domain } from '../../shared/settings/naming.ts';
import type { Rows, Setting } from '../../shared/settings/setting.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import { markdownTable } from '../markdown-table.ts';
import { exampleValues } from './example-values.ts';
import { smallest } from './smallest-pod.ts';

/** Every setting of a pod, by row. */
export const podRows: Rows = { ...podSettings.process, ...podSettings.sync };

/** The rows of a part of the table that a pod's annotations may set. */
export function annotated(part: object): string[] {
  return Object.keys(part).filter((row) => ['yes', 'pod-only'].includes(podRows[row]?.annotation ?? 'no'));
}

/** A table of settings for who writes a pod: everything is called by its annotation. */
export function annotationTable(rows: readonly string[]): string {
  return markdownTable(['Annotation', 'Default', 'Accepts', 'Example', 'Meaning'], rows.map(line));
}

/** The annotation of a setting, without `sync-sidecar.io/`. */
export function shortName(row: string): string {
  return annotationNaming.spell({ row, sync: null }).replace(`${domain}/`, '');
}

function line(row: string): string[] {
  const setting = podRows[row];
  if (!setting) throw new Error(`${row} is no setting of a pod`);
  const example = `\`${exampleValues[row] ?? ''}\``;
  return [
    `\`${shortName(row)}\``,
    defaultOf(row, setting),
    inAnnotations(setting.kind.accepts),
    example,
    meaningOf(row),
  ];
}

/** What a setting means on a pod. */
export function meaningOf(row: string): string {
  return inOtherWords[row] ?? inAnnotations(podRows[row]?.description ?? '');
}

// What the table says of an environment, and means something else on a pod.
const inOtherWords: Readonly<Record<string, string>> = {
  SYNCS: 'Names of the syncs; a setting of the sync `a` is then `a.sync-sidecar.io/label` and so on.',
  FOLDER:
    'Path at which the application sees the files. Nothing else may be mounted there, and what the image has there is hidden: `/etc`, `/usr` and the folders of programs and libraries are refused, what lies below `/etc` is not.',
  FOLDER_ANNOTATION:
    'Annotation of an object that names the folder for its files: relative to `folder`. An absolute path has to lie within it.',
  SCRIPT:
    "Program to run after a change, before `req-url` is called; with `sh` if it is not executable. A file of the sidecar's image: it runs in the sidecar, which sees nothing of the pod but the synced files.",
  METHOD:
    '`WATCH` follows changes; `SLEEP` lists every `sleep-time`; `LIST` lists once. Where every sync lists once, the sidecar is an init container that ends before the application starts.',
  REQ_USERNAME_FROM: 'User name for basic authentication at `req-url`, from a Secret.',
  REQ_PASSWORD_FROM: 'Password for basic authentication at `req-url`, from a Secret.',
  URL_USERNAME_FROM: 'User name for basic authentication of downloads, from a Secret.',
  URL_PASSWORD_FROM: 'Password for basic authentication of downloads, from a Secret.',
};

const defaults: Readonly<Record<string, unknown>> = { ...smallest.process, ...smallest.syncs[0]?.settings };

/** The value that a setting has on a pod that doesn't make it; undefined where there is none, or words are needed to say it. */
export function defaultValue(row: string): string | undefined {
  const setting = podRows[row];
  const value = defaults[row];
  if (!setting || setting.required || row === 'INJECT' || value === undefined || value === null) return undefined;
  return setting.kind.print(value);
}

function defaultOf(row: string, { required, unless, defaultText }: Setting<unknown>): string {
  const value = defaultValue(row);
  if (value !== undefined) return `\`${value}\``;
  if (required) return inAnnotations(unless === undefined ? '**required**' : `**required** without ${unless}`);
  return inAnnotations(defaultText ?? '–');
}

/** Text that calls settings by their variables, in the words of who writes annotations. */
function inAnnotations(text: string): string {
  const parts = text.split(/(`[^`]*`)/);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(variable, nameFor))).join('');
}

// `LABEL`, or `METHOD=SLEEP`.
const variable = /\b([A-Z][A-Z0-9_]*)(?:=(\w+))?/g;

function nameFor(whole: string, row: string, value?: string): string {
  const setting = podRows[row];
  if (!setting) return whole;
  const name = shortName(setting.instead ?? row);
  return value === undefined ? `\`${name}\`` : `\`${name}: ${value}\``;
}
