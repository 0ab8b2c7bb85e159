import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { findFile, type FoundFile } from './configuration-file.ts';
import { openConfiguration, type LiveConfiguration, type LiveConfigurationOptions } from './live-configuration.ts';

const head = 'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\n';
/** Configurations whose only default says which one it is; their versions are what `sha256sum` begins with. */
const first = `${head}defaults: { log-level: INFO }\n`;
const second = `${head}defaults: { log-level: WARN }\n`;
const broken = `${head}defaults: { log-levl: WARN, method: WACH }\n`;
const versions = { first: 'e6d6b2db6861', second: '9cc8dff86a5d' };

const deadline = { timeoutMs: 5000, intervalMs: 2 };

let scratch: ReturnType<typeof scratchFolder>;
let stop: AbortController;
let running: Promise<void> | undefined;
let log: ReturnType<typeof recordingLog>;
let time: number;
/** The file, as the pod has it. */
let path: string;

beforeEach(() => {
  scratch = scratchFolder();
  stop = new AbortController();
  running = undefined;
  log = recordingLog();
  time = 1000;
  path = join(scratch.path, 'configuration.yaml');
});

afterEach(async () => {
  stop.abort();
  await running;
  scratch[Symbol.dispose]();
});

async function follow(
  find?: (path: string) => Promise<FoundFile>,
  more: Pick<LiveConfigurationOptions, 'doubts'> = {},
): Promise<LiveConfiguration> {
  const options = { path, now: () => time, log: log.log, intervalMs: 2, ...(find && { find }), ...more };
  const configuration = await openConfiguration(options);
  running = configuration.run(stop.signal);
  return configuration;
}

const level = ({ current }: LiveConfiguration): string | undefined => current.defaults['log-level'];

/** What was logged, without the times. */
function logged(): unknown[] {
  return log.lines.map(({ time: _, ...line }) => line);
}

describe('a configuration file', () => {
  it('is warned of at the start and when it has changed', async () => {
    writeFileSync(path, first);
    const live = await follow(undefined, { doubts: ({ defaults }) => [`of ${defaults['log-level']}`] });
    writeFileSync(path, second);
    await eventually(() => level(live) === 'WARN', deadline);

    expect(log.lines.filter((line) => line.level === 'WARNING').map(({ msg }) => msg)).toEqual(['of INFO', 'of WARN']);
  });

  it('is read at the start', async () => {
    writeFileSync(path, first);

    const configuration = await follow();

    expect(level(configuration)).toBe('INFO');
    expect(configuration.status).toEqual({ version: versions.first, lastReload: 'ok', at: 1000 });
  });

  it('stops the start with every problem when it is not accepted', async () => {
    writeFileSync(path, broken);

    await expect(follow()).rejects.toMatchObject({
      name: 'SettingsError',
      problems: [
        `${path}: defaults.log-levl: is no setting; did you mean log-level?`,
        `${path}: defaults.method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?`,
      ],
    });
  });

  it('is told with its first 20 problems when it is not accepted any more', async () => {
    writeFileSync(path, first);
    await follow();

    writeFileSync(path, `${head}defaults: {${Array.from({ length: 30 }, (_, index) => `x${index}: 1`).join()}}\n`);

    await eventually(() => log.lines.length > 0, deadline);
    const problems = log.lines[0]?.['problems'] as string[];
    expect([problems.length, problems.at(-1)]).toEqual([21, 'and 10 more']);
  });

  it('counts anew when it is written anew', async () => {
    writeFileSync(path, first);
    const configuration = await follow();
    const before = configuration.current;

    time = 2000;
    writeFileSync(path, second);

    await eventually(() => level(configuration) === 'WARN', deadline);
    // Who began with the one before goes on with it.
    expect(before.defaults).toEqual({ 'log-level': 'INFO' });
    expect(configuration.status).toEqual({ version: versions.second, lastReload: 'ok', at: 2000 });
    expect(logged()).toEqual([{ level: 'INFO', msg: 'configuration reloaded', path, version: versions.second }]);
  });

  it('counts anew when the kubelet swaps the link through which a pod sees a ConfigMap', async () => {
    const volume = (name: string, content: string): void => {
      mkdirSync(join(scratch.path, name));
      writeFileSync(join(scratch.path, name, 'configuration.yaml'), content);
    };
    volume('..2026_1', first);
    symlinkSync('..2026_1', join(scratch.path, '..data'));
    symlinkSync('..data/configuration.yaml', path);
    const configuration = await follow();

    volume('..2026_2', second);
    symlinkSync('..2026_2', join(scratch.path, '..data_tmp'));
    renameSync(join(scratch.path, '..data_tmp'), join(scratch.path, '..data'));
    rmSync(join(scratch.path, '..2026_1'), { recursive: true });

    await eventually(() => level(configuration) === 'WARN', deadline);
    expect(configuration.status.lastReload).toBe('ok');
  });

  it('that is broken keeps what counted before, and is reported once with every problem', async () => {
    writeFileSync(path, first);
    let looks = 0;
    const configuration = await follow((file) => {
      looks++;
      return findFile(file);
    });

    time = 2000;
    writeFileSync(path, broken);

    await eventually(() => configuration.status.lastReload === 'failed', deadline);
    const then = looks;
    await eventually(() => looks > then + 3, deadline);
    expect(level(configuration)).toBe('INFO');
    expect(configuration.status).toEqual({ version: versions.first, lastReload: 'failed', at: 2000 });
    expect(logged()).toEqual([
      {
        level: 'ERROR',
        msg: 'the configuration file is not accepted; the version before it stays in use',
        path,
        version: expect.stringMatching(/^[0-9a-f]{12}$/),
        inUse: versions.first,
        problems: [
          `${path}: defaults.log-levl: is no setting; did you mean log-level?`,
          `${path}: defaults.method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?`,
        ],
      },
    ]);
  });

  it('that is broken is mended by the next version, also by the one before', async () => {
    writeFileSync(path, first);
    const configuration = await follow();
    writeFileSync(path, broken);
    await eventually(() => configuration.status.lastReload === 'failed', deadline);

    time = 3000;
    writeFileSync(path, first);

    await eventually(() => configuration.status.lastReload === 'ok', deadline);
    expect(configuration.status).toEqual({ version: versions.first, lastReload: 'ok', at: 3000 });
  });

  it('that is gone keeps what counted before, and is reported', async () => {
    writeFileSync(path, first);
    const configuration = await follow();

    rmSync(path);

    await eventually(() => configuration.status.lastReload === 'failed', deadline);
    expect(level(configuration)).toBe('INFO');
    expect(logged()).toMatchObject([
      { level: 'ERROR', problems: [`CONFIG_FILE: names ${path}, which cannot be read (ENOENT)`] },
    ]);
  });

  it('that leads to itself keeps what counted before', async () => {
    writeFileSync(path, first);
    const configuration = await follow();

    writeFileSync(path, `${head}defaults: &a {label: *a, folder: &b [*b]}\n`);

    await eventually(() => configuration.status.lastReload === 'failed', deadline);
    expect([level(configuration), stop.signal.aborted]).toEqual(['INFO', false]);
  });

  it('that nobody expected keeps what counted before, and is reported', async () => {
    const texts: unknown[] = [first, first, null];
    const found = (text: unknown): FoundFile => ({ text: text as string });
    writeFileSync(path, first);
    const configuration = await follow(() => Promise.resolve(found(texts.length > 1 ? texts.shift() : texts[0])));

    await eventually(() => configuration.status.lastReload === 'failed', deadline);

    expect(level(configuration)).toBe('INFO');
    expect(logged()).toMatchObject([
      { level: 'ERROR', problems: [expect.stringMatching(/^CONFIG_FILE: names .*, which cannot be read \(/)] },
    ]);
  });

  it('that is half written does not count, though it could be read', async () => {
    writeFileSync(path, first);
    const half = `${head}defaults: {}\n`;
    const texts = [first, half, second, half, first, half, second, second];
    const configuration = await follow(() => Promise.resolve({ text: texts.shift() ?? second }));
    const seen = new Set([level(configuration)]);

    await eventually(() => seen.add(level(configuration)).has('WARN'), deadline);

    expect(logged()).toEqual([{ level: 'INFO', msg: 'configuration reloaded', path, version: versions.second }]);
  });

  it('is not needed', async () => {
    const configuration = await openConfiguration({ path: undefined, now: () => time, log: log.log });
    await configuration.run(stop.signal);

    expect(configuration.current.profiles).toEqual(new Map([['default', {}]]));
    expect(configuration.status).toEqual({ version: null, lastReload: 'ok', at: 1000 });
  });
});
