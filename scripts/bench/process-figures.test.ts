import { describe, expect, it } from '@jest/globals';
import { parseFigures } from './process-figures.ts';

const status = `Name:	node
VmPeak:	 1048576 kB
VmHWM:	   81920 kB
VmRSS:	   61440 kB
RssAnon:	   15360 kB
RssFile:	   46080 kB
`;
const stat =
  '4711 (a (b) c) S 1 4711 4711 0 -1 4194560 9000 0 1 0 12 7 0 0 20 0 11 0 1000 700000 15360 18446744073709551615';

describe('the figures of a process', () => {
  it('are mebibytes and milliseconds, whatever its name', () => {
    expect(parseFigures(status, stat)).toEqual({ residentMiB: 60, anonymousMiB: 15, peakMiB: 80, cpuMs: 190 });
  });

  it('are an error once it has ended', () => {
    expect(() => parseFigures('Name:	node\nState:	Z (zombie)\n', stat)).toThrow('the process has ended');
  });
});
