import { describe, expect, it } from '@jest/globals';
import { chooseCpus } from './cpus.ts';

const status = (list: string): string =>
  `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`;

describe('the CPUs of a load and of its server', () => {
  it.each([
    ['0-1', { server: 0, load: 1 }],
    ['4-7', { server: 4, load: 7 }],
    ['2,5-6,11', { server: 2, load: 11 }],
  ])('of %s are %j', (list, cpus) => {
    expect(chooseCpus(status(list))).toEqual(cpus);
  });

  it('are not the same one', () => {
    expect(() => chooseCpus(status('3'))).toThrow(
      'needs two CPUs, one for the server and one for its load; there are: 3',
    );
  });
});
