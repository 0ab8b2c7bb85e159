import { environmentNaming } from '../shared/settings/naming.ts';
import type { Problem } from '../shared/settings/problem.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { EnvironmentVariable } from './pod.ts';

// A setting of the sidecar, and the one that says where it comes from.
const credentials = [
  ['REQ_USERNAME', 'REQ_USERNAME_FROM'],
  ['REQ_PASSWORD', 'REQ_PASSWORD_FROM'],
  ['URL_USERNAME', 'URL_USERNAME_FROM'],
  ['URL_PASSWORD', 'URL_PASSWORD_FROM'],
] as const;

/** The credentials of a pod's syncs, as the kubelet takes them from Secrets. */
export function credentialVariables({ syncs }: PodSettings): EnvironmentVariable[] {
  return syncs.flatMap(({ name: sync, settings }) =>
    credentials.flatMap(([row, from]) => {
      const secretKeyRef = settings[from];
      return secretKeyRef ? [{ name: environmentNaming.spell({ row, sync }), valueFrom: { secretKeyRef } }] : [];
    }),
  );
}

/** A variable can't be set twice. */
export function credentialProblems(all: PodSettings): Problem[] {
  return all.syncs.flatMap(({ name, settings }) =>
    credentials
      .filter(([row, from]) => settings[row] !== undefined && settings[from] !== undefined)
      .map(([row, from]): Problem => {
        const fault = `can't be set besides ${spellingOf(all, row, name)}`;
        return { where: spellingOf(all, from, name), kind: 'not-accepted', fault, accepts: 'one of the two' };
      }),
  );
}
