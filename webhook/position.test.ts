import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import type { Container } from './pod.ts';
import { positionOf, positionProblems } from './position.ts';

const native = { restartPolicy: 'Always' };
const meshed: Container[] = [{ name: 'istio-init' }, { name: 'istio-proxy', ...native }, { name: 'migrate' }];

interface Asked {
  readonly initContainers?: Container[] | undefined;
  readonly position?: string | undefined;
}

function placed({ initContainers, position }: Asked): { position: number; problems: string[] } {
  const settings = podSettingsOf({ label: 'a', folder: '/a', ...(position && { position }) });
  const pod = { spec: { containers: [{ name: 'app' }], ...(initContainers && { initContainers }) } };
  return { position: positionOf(pod, settings), problems: positionProblems(pod, settings).map(describeProblem) };
}

describe('the position of the sidecar', () => {
  it.each<[string, Container[] | undefined, number]>([
    ['first where there is no init container', undefined, 0],
    ['first where the list of init containers is empty', [], 0],
    ['before all init containers', [{ name: 'migrate' }, { name: 'vault-agent', ...native }], 0],
    ['behind the proxy of Istio', meshed, 2],
    ['behind the proxy of Linkerd', [{ name: 'linkerd-proxy', ...native }], 1],
    ['first where the proxy is no native sidecar', [{ name: 'istio-init' }, { name: 'istio-proxy' }], 0],
  ])('is %s', (_case, initContainers, position) => {
    expect(placed({ initContainers })).toEqual({ position, problems: [] });
    expect(placed({ initContainers, position: ' first ' })).toEqual({ position, problems: [] });
  });

  it.each<[string, Container[] | undefined, number]>([
    ['last', undefined, 0],
    ['last', [], 0],
    ['last', meshed, 3],
    ['migrate', meshed, 3],
    ['istio-proxy', meshed, 2],
    ['migrate', [{ name: 'migrate' }, { name: 'seed' }], 1],
  ])('is where the pod wants it: %s', (position, initContainers, index) => {
    expect(placed({ initContainers, position })).toEqual({ position: index, problems: [] });
  });

  it('is refused after an init container that there is not', () => {
    expect(placed({ initContainers: [{ name: 'migrate' }], position: 'migrat' }).problems).toEqual([
      'sync-sidecar.io/position="migrat": the pod has no such init container; accepts first, last, migrate; did you mean migrate?',
    ]);
    expect(placed({ position: 'lst' }).problems).toEqual([
      'sync-sidecar.io/position="lst": the pod has no such init container; accepts first, last; did you mean last?',
    ]);
    expect(placed({ position: 'app' }).problems).toEqual([
      'sync-sidecar.io/position="app": the pod has no such init container; accepts first, last',
    ]);
  });

  it('is refused before the proxy of a mesh, which is the network', () => {
    expect(placed({ initContainers: meshed, position: 'istio-init' }).problems).toEqual([
      'sync-sidecar.io/position="istio-init": the sidecar would start before istio-proxy, and have no network; accepts first, last, istio-proxy, migrate',
    ]);
  });
});
