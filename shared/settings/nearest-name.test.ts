import { describe, expect, it } from '@jest/globals';
import { nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  it.each([
    ['LABLE_VALUE', 'LABEL_VALUE'],
    ['req-urll', 'REQ-URL'],
    ['FOLDERS', 'FOLDER'],
    ['LABEL', 'LABEL'],
  ])('%s means %s', (name, meant) => {
    expect(nearestName(name, ['LABEL', 'LABEL_VALUE', 'FOLDER', 'REQ-URL'])).toBe(meant);
  });

  it.each([
    ['ture', 'true'],
    ['PSOT', 'POST'],
  ])('%s means %s, two letters being swapped', (name, meant) => {
    expect(nearestName(name, ['true', 'false', 'GET', 'POST'])).toBe(meant);
  });

  it.each(['HOST', 'HOME', 'PATH', 'HOSTNAME', '', 'X'])('"%s" means nothing of ours', (name) => {
    expect(nearestName(name, ['NAME', 'PORT', 'LABEL', 'FOLDER'])).toBeUndefined();
  });

  it('answers nothing without candidates', () => {
    expect(nearestName('LABEL', [])).toBeUndefined();
  });
});
