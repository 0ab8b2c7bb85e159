import { describe, expect, it } from '@jest/globals';
import { textFormat, unknownDateParts, unknownPlaceholders } from './text-format.ts';

const line = '{"level":"INFO","time":"2026-03-04T05:06:07.089+00:00","count":3,"msg":"relist"}\n';
const format = (template: string, dateTemplate?: string): string =>
  textFormat({ template, dateTemplate, zone: 'UTC' })(line);

describe('textFormat', () => {
  it("writes the percent style of Python's logging, and the facts behind it", () => {
    expect(format('%(asctime)s [%(levelname)s] %(message)s')).toBe('2026-03-04 05:06:07,089 [INFO] relist count=3\n');
  });

  it('pads to a width, and writes %% as a percent sign', () => {
    expect(format('%(levelname)-8s|%(levelname)8s|100%% %(message)s')).toBe('INFO    |    INFO|100% relist count=3\n');
  });

  it('writes the time as it is asked to', () => {
    expect(format('%(asctime)s', '%d.%m.%Y %H:%M:%S %z %y %% %j')).toBe('04.03.2026 05:06:07 +0000 26 % %j count=3\n');
  });

  it('leaves out what there is not', () => {
    expect(format('%(funcName)s:%(message)s')).toBe(':relist count=3\n');
    expect(unknownPlaceholders('%(funcName)s:%(message)s %(lineno)4d %%')).toEqual(['%(funcName)s', '%(lineno)4d']);
    expect(unknownDateParts('%Y %j %%')).toEqual(['%j']);
  });
});
