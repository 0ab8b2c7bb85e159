import { readCommandLine, type CommandLine } from '../../shared/command-line.ts';
import type { ProcessAccess } from '../../shared/process-access.ts';
import { flagNaming } from '../../shared/settings/naming.ts';
import { problemLines } from '../../shared/settings/problem.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { version } from '../../shared/version.ts';
import { emptyConfiguration, parseConfiguration, type Configuration } from '../configuration/configuration.ts';
import { readText, textOf } from './read-text.ts';
import { render } from './render.ts';
import { renderHelp, renderSettings, renderUsage, type RenderSettings } from './render-settings.ts';

export interface RenderAccess extends Pick<ProcessAccess, 'argv' | 'print'> {
  /** All that stands on stdin. */
  readonly readInput: () => Promise<Uint8Array>;
}

/** 0: rendered, or left as it is; 1: no usable command line, or files that can't be read; 2: a pod is refused. */
type RenderExitCode = 0 | 1 | 2;

/** Prints what the pods of a file of manifests get, and on stderr why; asks no cluster. */
export async function runRender(access: RenderAccess): Promise<RenderExitCode> {
  const commandLine = readCommandLine(access.argv, { operands: Infinity, commands: [] });
  switch (commandLine.wants) {
    case 'help':
      return answer(access, renderHelp());
    case 'version':
      return answer(access, `webhook ${version}\n`);
    case 'correction':
      return refuse(access, [renderUsage, asError(commandLine.fault)]);
    case 'run':
      return renderFile(commandLine, access);
  }
}

async function renderFile(commandLine: Run, access: RenderAccess): Promise<RenderExitCode> {
  const asked = readArguments(commandLine);
  if ('faults' in asked) return refuse(access, [renderUsage, ...asked.faults.map(asError)]);
  const read = await readFiles(asked, access);
  if ('faults' in read) return refuse(access, read.faults.map(asError));
  const { NAMESPACE: namespace, NAMESPACE_LABEL: namespaceLabel, IMAGE: image } = asked.settings;
  const rendered = render(read.text, { namespace, namespaceLabel, image, configuration: read.configuration });
  if ('faults' in rendered)
    return refuse(
      access,
      rendered.faults.map((fault) => asError(`${asked.file}: ${fault}`)),
    );
  for (const remark of rendered.remarks) access.print('stderr', `${remark}\n`);
  return rendered.text === null ? 2 : answer(access, rendered.text);
}

interface Asked {
  readonly file: string;
  readonly settings: RenderSettings;
}
type Faults = { readonly faults: readonly string[] };
type Run = Extract<CommandLine, { wants: 'run' }>;

function readArguments({ flags, operands }: Run): Asked | Faults {
  const [file, ...more] = operands;
  const { settings, problems } = readSettings(renderSettings, [{ naming: flagNaming, entries: flags }]);
  const faults = problemLines(problems);
  if (more.length > 0) faults.unshift(`${operands.length} files are too many: FILE is one, or - for stdin`);
  if (file === undefined) faults.unshift('FILE is missing: the path of a manifest, or - for stdin');
  if (!settings || file === undefined || faults.length > 0) return { faults };
  return { file, settings: settings.process };
}

interface Files {
  readonly text: string;
  readonly configuration: Configuration;
}

async function readFiles({ file, settings: { CONFIG } }: Asked, { readInput }: RenderAccess): Promise<Files | Faults> {
  const configured = CONFIG === undefined ? { configuration: emptyConfiguration } : await readConfiguration(CONFIG);
  const read = file === '-' ? textOf(await readInput(), 'stdin') : await readText(file);
  const faults = [configured, read].flatMap((result) => ('faults' in result ? result.faults : []));
  if ('faults' in configured || 'faults' in read) return { faults };
  return { ...configured, ...read };
}

async function readConfiguration(path: string): Promise<Pick<Files, 'configuration'> | Faults> {
  const read = await readText(path);
  if ('faults' in read) return read;
  const { configuration, problems } = parseConfiguration(read.text, path);
  return configuration ? { configuration } : { faults: problemLines(problems) };
}

function answer({ print }: RenderAccess, text: string): 0 {
  print('stdout', text);
  return 0;
}

function refuse({ print }: RenderAccess, lines: readonly string[]): 1 {
  print('stderr', `${lines.join('\n')}\n`);
  return 1;
}

function asError(fault: string): string {
  return `webhook render: error: ${fault}`;
}
