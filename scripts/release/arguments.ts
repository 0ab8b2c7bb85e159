import { nearestName } from '../../shared/settings/nearest-name.ts';
import { PlainError } from '../plain-error.ts';
import { readOptions, type Answer } from '../read-options.ts';

const releaseCommands = ['check', 'notes', 'chart'] as const;
type ReleaseCommand = (typeof releaseCommands)[number];

/** What `npm run release` is asked for. */
export interface ReleaseArguments {
  readonly command: ReleaseCommand;
  readonly tag: string;
  /** On GitHub: owner/name. */
  readonly repository: string | undefined;
  /** Folder for the package of the chart. */
  readonly output: string;
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): ReleaseArguments | Answer {
  const text = { type: 'string' } as const;
  const options = { repository: text, output: text } as const;
  return readOptions(args, { options, allowPositionals: true, usage }, ({ values, positionals }) => {
    const [name, tag, ...rest] = positionals;
    const command = readCommand(name);
    if (tag === undefined) throw new PlainError(`${command} needs the tag of the release, such as v0.1.0`);
    if (rest.length > 0)
      throw new PlainError(`nothing is accepted after the tag, not ${JSON.stringify(rest.join(' '))}`);
    const repository = readRepository(values.repository);
    if (command !== 'check' && repository === undefined) throw new PlainError(`${command} needs --repository`);
    return { command, tag, repository, output: values.output ?? 'dist' };
  });
}

function readCommand(name: string | undefined): ReleaseCommand {
  const command = releaseCommands.find((known) => known === name);
  if (command !== undefined) return command;
  if (name === undefined) throw new PlainError(`one of ${releaseCommands.join(', ')} is needed`);
  const nearest = nearestName(name, releaseCommands);
  throw new PlainError(`unknown command ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`);
}

function readRepository(text: string | undefined): string | undefined {
  if (text === undefined || /^[\w.-]+\/[\w.-]+$/.test(text)) return text;
  throw new PlainError(`--repository needs owner/name as on GitHub, not ${JSON.stringify(text)}`);
}

const usage = [
  'usage: npm run --silent release -- COMMAND TAG [--repository OWNER/NAME] [--output FOLDER]',
  '  check    says whether this checkout can be released under TAG; prints version=, and registry= of the repository',
  '  notes    prints the text of the release on GitHub, from CHANGELOG.md',
  '  chart    packages the chart with the registry of the repository, prints the path of the package',
  '  TAG                      v and a version, such as v0.1.0',
  '  --repository OWNER/NAME  the repository on GitHub; notes and chart need it',
  '  --output FOLDER          for the package of the chart; unless given, dist',
].join('\n');
