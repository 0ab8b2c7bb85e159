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

  // To compare names of this length takes minutes: whoever does never comes to the expectation.
  it('answers nothing for a name that no person types', () => {
    const long = 'a'.repeat(1_000_000);

    expect(nearestName(long, [`${long}b`])).toBeUndefined();
    expect(nearestName('a'.repeat(128), [long, 'a'.repeat(127)])).toBe('a'.repeat(127));
  });

  it('looks among as many as a person chooses from', () => {
    const others = Array.from({ length: 1000 }, () => 'dashboard');

    expect(nearestName('alrets', [...others.slice(1), 'alerts'])).toBe('alerts');
    expect(nearestName('dashboards', [...others, 'dashboards'])).toBe('dashboard');
  });

  it('answers nothing without candidates', () => {
    expect(nearestName('LABEL', [])).toBeUndefined();
  });
});
