import { expect, it } from '@jest/globals';
import { PathOwners } from './path-owners.ts';

it('gives a path to the first sync that claims it, and wakes the others when it is free', () => {
  const owners = new PathOwners();
  const woken: string[] = [];
  const [a, b] = ['a', 'b'].map((name) => owners.of(name, '/files', () => woken.push(name)));

  expect([a?.claim('x'), b?.claim('x'), b?.claim('y'), a?.claim('x')]).toEqual([null, 'a', null, null]);
  b?.release('x');
  expect([b?.claim('x'), woken]).toEqual(['a', []]);
  a?.release('x');
  expect([woken, b?.claim('x'), a?.claim('x')]).toEqual([['b'], null, 'b']);
});

it('tells the same name in two folders apart', () => {
  const owners = new PathOwners();
  const claims = ['/one', '/two'].map((folder) => owners.of(folder, folder, () => undefined).claim('x'));

  expect(claims).toEqual([null, null]);
});
