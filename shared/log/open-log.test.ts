import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readVisibleTree } from '../../test/product/folder-tree.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { Logger } from './log.ts';
import { openLog, type LogSettings } from './open-log.ts';

let scratch: ReturnType<typeof scratchFolder>;
let written: { stdout: string; stderr: string };

beforeEach(() => {
  scratch = scratchFolder();
  written = { stdout: '', stderr: '' };
});
afterEach(() => scratch[Symbol.dispose]());

function open(settings: Partial<LogSettings>): Promise<Logger> {
  return openLog(
    { LOG_LEVEL: 'INFO', LOG_FORMAT: 'JSON', LOG_TZ: 'UTC', ...settings },
    {
      console: (stream) => ({ write: (text) => void (written[stream] += text) }),
      now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    },
  );
}

const configured = (content: string): Promise<Logger> => {
  writeFileSync(join(scratch.path, 'config.yaml'), content);
  return open({ LOG_CONFIG: join(scratch.path, 'config.yaml') });
};

const text = { format: '%(levelname)s %(message)s' };
const logFile = (): string => join(scratch.path, 'logs', 'file.log');
const consoleAndFile = (): object => ({
  version: 1,
  root: { level: 'INFO', handlers: ['console', 'file'] },
  handlers: {
    console: { class: 'logging.StreamHandler', level: 'ERROR', formatter: 'text', stream: 'ext://sys.stdout' },
    file: { class: 'logging.FileHandler', formatter: 'logfmt', filename: logFile() },
  },
  formatters: { text, logfmt: { '()': 'logger.LogfmtFormatter' } },
});

describe('openLog', () => {
  it('writes JSON to stderr from LOG_LEVEL on', async () => {
    const log = await open({ LOG_LEVEL: 'WARN' });
    log.info('no');
    log.warn({ a: 1 }, 'yes');
    expect(written).toEqual({
      stdout: '',
      stderr: '{"level":"WARNING","time":"2026-01-02T03:04:05.006+00:00","a":1,"msg":"yes"}\n',
    });
  });

  it('writes logfmt with LOG_FORMAT=LOGFMT', async () => {
    const log = await open({ LOG_FORMAT: 'LOGFMT' });
    log.child({ sync: 'a' }).info({ path: '/f/k' }, 'Writing /f/k');
    const line = 'time=2026-01-02T03:04:05.006+00:00 level=INFO msg="Writing /f/k" sync=a path=/f/k\n';
    expect(written).toEqual({ stdout: '', stderr: line });
  });

  it('with LOG_CONFIG writes to its handlers, each with its level and format', async () => {
    mkdirSync(join(scratch.path, 'logs'));
    const log = await configured(stringify(consoleAndFile()));
    log.debug('no');
    log.info({ a: 1 }, 'relist');
    log.error({ a: 2 }, 'failed');
    expect(written).toEqual({ stdout: 'ERROR failed a=2\n', stderr: '' });
    const time = 'time=2026-01-02T03:04:05.006+00:00';
    expect(readVisibleTree(join(scratch.path, 'logs'))).toEqual({
      'file.log': `${time} level=INFO msg=relist a=1\n${time} level=ERROR msg=failed a=2\n`,
    });
  });

  it('names in one line what of LOG_CONFIG means nothing here', async () => {
    const root = { level: 'INFO', handlers: ['console'] };
    const handlers = { console: { class: 'logging.StreamHandler', formatter: 'text', filters: ['f'] } };
    await configured(stringify({ version: 1, root, handlers, filters: { f: {} }, formatters: { text } }));
    expect(written.stderr).toBe(
      'WARNING LOG_CONFIG: ignored, as it means nothing here ignored=filters,handlers.console.filters\n',
    );
  });

  it('goes on without a file that can not be opened, and says so once', async () => {
    const log = await configured(stringify(consoleAndFile()));
    await Promise.resolve();
    log.error('failed');
    const [fault = '', ...more] = written.stdout.split('\n');
    expect(fault).toContain(`ERROR LOG_CONFIG: the file can not be written, its lines are lost file=${logFile()}`);
    expect(fault).toContain('err.code=ENOENT');
    expect(more).toEqual(['ERROR failed', '']);
  });

  it('says once when a file can no longer be written', async () => {
    mkdirSync(join(scratch.path, 'logs'));
    const rotating = {
      class: 'logging.handlers.RotatingFileHandler',
      maxBytes: 1,
      backupCount: 1,
      filename: logFile(),
    };
    const config = consoleAndFile() as { handlers: Record<string, object> };
    const log = await configured(stringify({ ...config, handlers: { ...config.handlers, file: rotating } }));
    log.info('one');
    rmSync(join(scratch.path, 'logs'), { recursive: true });
    log.info('two');
    log.info('three');
    await Promise.resolve();
    expect(written.stdout.match(/can not be written/g)).toHaveLength(1);
  });

  it('refuses a LOG_CONFIG that is not there with exit code 1, as kiwigrid/k8s-sidecar does', async () => {
    await expect(open({ LOG_CONFIG: '/no/such/file' })).rejects.toMatchObject({
      message: 'Config file: /no/such/file Not Found',
      exitCode: 1,
    });
  });

  it('refuses a LOG_CONFIG that can not be read', async () => {
    await expect(open({ LOG_CONFIG: scratch.path })).rejects.toMatchObject({
      message: `LOG_CONFIG names ${scratch.path}, which cannot be read`,
      exitCode: 1,
    });
  });

  it.each([
    ['root: {}\nhandlers: [secret\n', /in line \d+$/],
    ['a: 1\nb: "secret\n', /missing char in line \d+$/],
    ['a: *secret\n', /an alias can not be resolved$/],
  ])('refuses a LOG_CONFIG that is no YAML with exit code 2, without its content: %j', async (content, fault) => {
    const refusal = configured(content);
    await expect(refusal).rejects.toMatchObject({ message: expect.stringMatching(fault), exitCode: 2 });
    await expect(refusal).rejects.not.toThrow('secret');
  });

  it('refuses a LOG_CONFIG with all its problems', async () => {
    await expect(configured('root: {level: LOUD}\n')).rejects.toMatchObject({
      message: expect.stringMatching(/^LOG_CONFIG .*config\.yaml: version: must be 1; root\.level: is no level/),
      exitCode: 1,
    });
  });
});
