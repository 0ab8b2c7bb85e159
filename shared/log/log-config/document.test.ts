import { describe, expect, it } from '@jest/globals';
import { standardNames } from '../log-format.ts';
import { levels } from '../log-levels.ts';
import { planLog, type LogPlan } from './document.ts';

const json = { '()': 'logger.JsonFormatter', format: '%(levelname)s %(message)s' };
const console = { class: 'logging.StreamHandler', formatter: 'JSON' };
const jsonStyle = { kind: 'json', names: standardNames } as const;

/** The plan of a document with one handler, `only`, and one formatter, `JSON`. */
function planOf(handler: object, formatter: object = json): LogPlan {
  return planLog({
    version: 1,
    root: { level: 'INFO', handlers: ['only'] },
    handlers: { only: { formatter: 'JSON', ...handler } },
    formatters: { JSON: formatter },
  });
}

const styleOf = (formatter: object): unknown => planOf(console, formatter).handlers[0]?.style;
const targetOf = (handler: object): unknown => planOf(handler).handlers[0]?.target;

describe('planLog', () => {
  it("reads what Jenkins' chart writes", () => {
    const document = {
      version: 1,
      disable_existing_loggers: false,
      root: { level: 'INFO', handlers: ['console', 'file'] },
      handlers: {
        console: { class: 'logging.StreamHandler', level: 'WARNING', formatter: 'JSON' },
        file: {
          class: 'logging.handlers.RotatingFileHandler',
          formatter: 'LOGFMT',
          filename: '/var/log/sidecar.log',
          maxBytes: 1024,
          backupCount: 3,
        },
      },
      formatters: {
        JSON: { ...json, rename_fields: { message: 'msg', levelname: 'level' } },
        LOGFMT: {
          '()': 'logger.LogfmtFormatter',
          keys: ['time', 'level', 'msg'],
          mapping: { time: 'asctime', level: 'levelname', msg: 'message' },
        },
      },
    };
    const target = { kind: 'file', path: '/var/log/sidecar.log', append: true, maxBytes: 1024, backupCount: 3 };
    expect(planLog(document)).toEqual({
      level: levels.INFO,
      handlers: [
        { level: levels.WARNING, target: { kind: 'console', stream: 'stderr' }, style: jsonStyle },
        { level: levels.NOTSET, target, style: { kind: 'logfmt', names: standardNames } },
      ],
      ignored: [],
      problems: [],
    });
  });

  it.each([
    ['logging.StreamHandler', { stream: 'ext://sys.stdout' }, { kind: 'console', stream: 'stdout' }],
    ['logging.StreamHandler', {}, { kind: 'console', stream: 'stderr' }],
    ['logging.NullHandler', {}, { kind: 'nowhere' }],
    ['logging.FileHandler', { filename: '/f', mode: 'w' }, { kind: 'file', append: false }],
    ['logging.handlers.WatchedFileHandler', { filename: '/f' }, { kind: 'file', append: true }],
    ['logging.handlers.TimedRotatingFileHandler', { filename: '/f' }, { kind: 'file', maxBytes: 0 }],
    ['logging.handlers.RotatingFileHandler', { filename: '/f', mode: 'w' }, { kind: 'file', append: false }],
    [
      'logging.handlers.RotatingFileHandler',
      { filename: '/f', mode: 'w', maxBytes: 1 },
      { kind: 'file', append: true },
    ],
  ])('reads a %s', (className, options, target) => {
    expect(targetOf({ class: className, ...options })).toMatchObject(target);
  });

  it('takes other names for the fields of a line', () => {
    const names = { ...standardNames, level: 'severity' };
    expect(styleOf({ ...json, rename_fields: { levelname: 'severity' } })).toEqual({ kind: 'json', names });
    const logfmt = { '()': 'logfmter.Logfmter', mapping: { severity: 'levelname' } };
    expect(styleOf(logfmt)).toEqual({ kind: 'logfmt', names });
  });

  it('reads formats in the percent style', () => {
    const format = '%(asctime)s %(message)s';
    expect(styleOf({ format, datefmt: '%H:%M' })).toEqual({ kind: 'text', template: format, dateTemplate: '%H:%M' });
    expect(styleOf({})).toEqual({ kind: 'text', template: '%(message)s', dateTemplate: undefined });
  });

  it('takes the root logger by any of its names, and levels as numbers', () => {
    const ofRoot = (rest: object): unknown => {
      const { level, handlers } = planLog({ version: 1, handlers: { console }, formatters: { JSON: json }, ...rest });
      return [level, handlers.length];
    };
    const root = { level: 15, handlers: ['console', 'console'] };
    expect(ofRoot({ root })).toEqual([25, 2]);
    expect(ofRoot({ loggers: { root } })).toEqual([25, 2]);
    expect(ofRoot({ loggers: { '': root } })).toEqual([25, 2]);
  });

  it('without a handler warns on stderr, as Python does', () => {
    const lastResort = { level: levels.WARNING, target: { kind: 'console', stream: 'stderr' } };
    expect(planLog({ version: 1, root: { handlers: null } })).toMatchObject({
      level: levels.WARNING,
      handlers: [lastResort],
      problems: [],
    });
  });

  it('names what means nothing here', () => {
    const document = {
      version: 1,
      incremental: false,
      disable_existing_loggers: true,
      filters: {},
      root: { handlers: ['console', 'mail', 'file'], filters: ['f'] },
      loggers: { 'urllib3.connectionpool': { level: 'ERROR' } },
      handlers: {
        console: { class: 'logging.StreamHandler', formatter: 'own', filters: ['f'], stream: 'ext://other' },
        mail: { class: 'logging.handlers.SMTPHandler', mailhost: 'secret' },
        file: { class: 'logging.handlers.TimedRotatingFileHandler', filename: '/f', when: 'D', formatter: 'JSON' },
      },
      formatters: {
        own: { '()': 'my.Own', format: '%(funcName)s', datefmt: '%j', style: '%' },
        JSON: { ...json, format: '%(process)d %(message)s', rename_fields: { name: 'logger' }, json_indent: 2 },
      },
    };
    const { ignored, problems } = planLog(document);
    expect(ignored).toEqual([
      'loggers.urllib3.connectionpool',
      'root.filters',
      'incremental',
      'disable_existing_loggers',
      'filters',
      'handlers.console.filters',
      'handlers.console.stream',
      'formatters.own: its class',
      'formatters.own.format: %(funcName)s',
      'formatters.own.datefmt: %j',
      'handlers.mail: its class',
      'handlers.file.when',
      'formatters.JSON.json_indent',
      'formatters.JSON.format: %(process)d',
      'formatters.JSON.rename_fields: name',
    ]);
    expect(problems).toEqual([]);
  });

  it('names every problem that Python has with it too', () => {
    const document = {
      root: { level: 'LOUD', handlers: ['consle', 'file'] },
      handlers: { console, file: { class: 'logging.FileHandler', formatter: 'JSN', level: [] } },
      formatters: { JSON: json },
    };
    expect(planLog(document).problems).toEqual([
      'version: must be 1',
      'root.level: is no level; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL, CRITICAL, or a number',
      'root.handlers: there is no handler "consle"; did you mean console?',
      'handlers.file.filename: is required',
      'handlers.file.level: is no level; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL, CRITICAL, or a number',
      'handlers.file.formatter: there is no formatter "JSN"; did you mean JSON?',
    ]);
    expect(planLog('text').problems).toContain('the file: must be a mapping');
    expect(planOf({ class: 'logging.handlers.RotatingFileHandler', filename: '/f', maxBytes: '1k' }).problems).toEqual([
      'handlers.only.maxBytes: must be a number, at least 0',
    ]);
  });

  it.each(['constructor', 'toString', '__proto__'])('ignores a handler of the class %s', (name) => {
    expect(planOf({ class: name })).toEqual(planOf({ class: 'acme.Handler' }));
  });
});
