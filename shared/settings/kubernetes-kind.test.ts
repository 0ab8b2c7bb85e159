import { describe, expect, it } from '@jest/globals';
import type { Kind } from './kind.ts';
import {
  annotationKey,
  labelName,
  labelNames,
  labelSelector,
  labelSelectorValue,
  namespaces,
  resourceNames,
  syncNames,
} from './kubernetes-kind.ts';

function parseAll<T>(kind: Kind<T>, texts: readonly string[]): (T | undefined)[] {
  return texts.map((given) => kind.parse(given));
}

describe('kinds of Kubernetes names', () => {
  it('sync names are different RFC 1035 labels without two dashes in a row', () => {
    expect(parseAll(syncNames, ['a', ' dashboards , alerts-2,', 'x'.repeat(63)])).toEqual([
      ['a'],
      ['dashboards', 'alerts-2'],
      ['x'.repeat(63)],
    ]);
    expect(syncNames.print(['dashboards', 'alerts-2'])).toBe('dashboards,alerts-2');
    for (const given of ['A', '2a', 'a--b', 'a_b', 'a-', 'a,a', ',', 'x'.repeat(64)]) {
      expect([given, syncNames.parse(given)]).toEqual([given, undefined]);
    }
  });

  it('names of parts of a pod are RFC 1123 labels, alone or in a list without repetitions', () => {
    const wrong = ['A', 'a_b', '-a', 'a.b', 'x'.repeat(64)];

    expect(parseAll(labelName('a volume'), [' data-0 ', '2', ...wrong, 'a,b'])).toEqual([
      'data-0',
      '2',
      ...Array<undefined>(6),
    ]);
    expect(parseAll(labelNames('containers'), [' app, logger,app,', ',', ...wrong])).toEqual([
      ['app', 'logger'],
      ...Array<undefined>(6),
    ]);
    expect([labelName('').print('a'), labelNames('').print(['a', 'b'])]).toEqual(['a', 'a,b']);
    expect([labelName('a volume').accepts, labelNames('containers').accepts]).toEqual(['a volume', 'containers']);
  });

  it('namespaces are a list without repetitions, or ALL', () => {
    expect(parseAll(namespaces, ['a, 2b,a', 'a,ALL', 'ALL', 'A', 'a_b', ',', '-a'])).toEqual([
      ['a', '2b'],
      'ALL',
      'ALL',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([namespaces.print(['a', '2b']), namespaces.print('ALL')]).toEqual(['a,2b', 'ALL']);
  });

  it.each([
    'grafana_dashboard',
    'example.com/sync',
    'app=grafana,tier in (a, b),!legacy,env notin (dev),x!=y',
    'a==b',
    'a=',
    ' a ',
  ])('"%s" is a label selector', (given) => {
    expect(labelSelector.parse(given)).toBe(given.trim());
  });

  it.each(['a b', 'a=b=c', '=b', 'a,', 'a in b', 'a in (b', '-a', 'x/y/z', `a=${'b'.repeat(64)}`, 'a={b}'])(
    '"%s" is no label selector',
    (given) => {
      expect(labelSelector.parse(given)).toBeUndefined();
    },
  );

  it('a label value may be followed by further requirements', () => {
    expect(parseAll(labelSelectorValue, ['1', ' yes ', 'b,c=d', 'a b', '-', 'x,'])).toEqual([
      '1',
      'yes',
      'b,c=d',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('an annotation key may have a prefix', () => {
    expect(parseAll(annotationKey, ['folder', ' example.com/folder ', 'a/b/c', 'a b', '/a'])).toEqual([
      'folder',
      'example.com/folder',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a text made to hold up the parser', () => {
  // With one expression for the whole selector the first of these took minutes. It counts steps, not time: who reads on for
  // ever never comes to the expectation.
  it.each([
    ['spaces and commas', `a in (${'",  "'.repeat(500)}!`],
    ['commas', ','.repeat(4000)],
    ['labels', `${'a,'.repeat(2000)}(`],
    ['parentheses', '('.repeat(4000)],
    ['spaces before a value', `a=${' '.repeat(4000)}!`],
    ['letters', `${'a'.repeat(4000)}!`],
  ])('is refused at once: %s', (_what, given) => {
    expect(labelSelector.parse(given)).toBeUndefined();
  });

  it('is refused at once as the names of syncs', () => {
    const names = Array.from({ length: 65 }, (_, index) => `a${index}`);

    expect(syncNames.parse(names.join())).toBeUndefined();
    expect(syncNames.parse(names.slice(1).join())).toEqual(names.slice(1));
  });

  it('resources by name are name, kind/name or namespace/kind/name', () => {
    expect(
      parseAll(resourceNames, ['a', 'secret/a.b , x/ConfigMap/c', 'x/a', 'a/b/c/d', '/a', 'pod/a', ',', 'A']),
    ).toEqual([
      [{ name: 'a' }],
      [
        { kind: 'secret', name: 'a.b' },
        { namespace: 'x', kind: 'configmap', name: 'c' },
      ],
      ...Array<undefined>(6).fill(undefined),
    ]);
    expect(resourceNames.print([{ name: 'a' }, { namespace: 'x', kind: 'configmap', name: 'c' }])).toBe(
      'a,x/configmap/c',
    );
  });
});
