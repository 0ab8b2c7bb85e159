/** `npm run release`: what the release workflow asks of this checkout. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { printProgress } from '../test/control-plane/progress.ts';
import { openHelm } from '../test/packaging/helm.ts';
import { findOrBuildHelm } from '../test/packaging/packaging-programs.ts';
import { PlainError } from './plain-error.ts';
import { printAnswer } from './read-options.ts';
import { readArguments, type ReleaseArguments } from './release/arguments.ts';
import { sectionsOf, type Section } from './release/changelog.ts';
import { packageChart } from './release/package-chart.ts';
import { registryOf } from './release/registry.ts';
import { releaseNotes } from './release/release-notes.ts';
import { releaseProblems } from './release/release-problems.ts';
import { statedVersions } from './release/stated-versions.ts';

const root = join(import.meta.dirname, '..');
const read = readArguments(process.argv.slice(2));
process.exitCode = 'command' in read ? await run(read) : printAnswer(read);

async function run(asked: ReleaseArguments): Promise<number> {
  try {
    // Nobody releases what doesn't fit together, whatever is asked.
    const section = await requireReleasable(asked.tag);
    console.log(await answerTo({ ...asked, section, version: asked.tag.slice(1) }));
    return 0;
  } catch (error) {
    console.error(error instanceof PlainError ? error.message : error);
    return 1;
  }
}

async function requireReleasable(tag: string): Promise<Section> {
  const changelog = sectionsOf(await readFile(join(root, 'CHANGELOG.md'), 'utf8'));
  const today = new Date().toISOString().slice(0, 10);
  const problems = releaseProblems(tag, { versions: statedVersions(root), changelog }, today);
  const [section] = changelog;
  if (section !== undefined && problems.length === 0) return section;
  throw new PlainError([`This checkout can't be released as ${tag}:`, ...problems].join('\n  '));
}

type Asked = ReleaseArguments & { readonly section: Section; readonly version: string };

async function answerTo({ command, section, version, repository = '', output }: Asked): Promise<string> {
  switch (command) {
    case 'check':
      // As a step of a workflow writes its outputs.
      return [`version=${version}`, ...(repository === '' ? [] : [`registry=${registryOf(repository)}`])].join('\n');
    case 'notes':
      return releaseNotes({ section, version, repository });
    case 'chart':
      return packageWithHelm(registryOf(repository), resolve(output));
  }
}

async function packageWithHelm(registry: string, output: string): Promise<string> {
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  const folder = await mkdtemp(join(tmpdir(), 'sync-sidecar-helm-'));
  try {
    const { signal } = new AbortController();
    const program = await findOrBuildHelm({ env: process.env, onProgress, signal });
    const helm = openHelm({ program, folder });
    const chart = join(root, 'manifests/chart');
    return await packageChart({ chart, registry, output, helm: (args) => helm.helmOutput(args) });
  } finally {
    end();
    await rm(folder, { recursive: true, force: true });
  }
}
