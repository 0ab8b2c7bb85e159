import type { Decision, Reason } from './decision.ts';

/** The closed list of reasons: what each means, and what becomes of the pod. */
export const reasons: Readonly<Record<Reason, { readonly outcome: Decision['outcome']; readonly help: string }>> = {
  injected: { outcome: 'inject', help: 'The pod asked for the sidecar, or its namespace did, and got it.' },
  'already-injected': {
    outcome: 'admit',
    help: 'The pod has its sidecar: the API server sends every injected pod a second time, and somebody may create a copy of one. What the configuration says by now makes no difference.',
  },
  'not-asked': { outcome: 'admit', help: 'The pod has annotations of ours, but neither it nor its namespace asks.' },
  'opted-out': { outcome: 'admit', help: 'The pod says `inject: "false"`.' },
  'invalid-settings': {
    outcome: 'refuse',
    help: 'Annotations of ours are not accepted, or required ones are missing.',
  },
  'unknown-profile': { outcome: 'refuse', help: 'The pod or its namespace names a profile that there is not.' },
  policy: {
    outcome: 'refuse',
    help: 'The platform does not allow what the annotations say: see [platform](platform.md).',
  },
  'name-taken': {
    outcome: 'refuse',
    help: 'The pod has a container or volume of a name of ours that we did not make.',
  },
  windows: { outcome: 'refuse', help: 'The pod is for Windows nodes.' },
  'mesh-cni': { outcome: 'refuse', help: 'The sidecar would have no network: the proxy of the mesh starts behind it.' },
  'health-port': {
    outcome: 'refuse',
    help: 'The health port is taken, or a pod on the network of its node names none.',
  },
  'mount-conflict': { outcome: 'refuse', help: 'A container mounts something where the synced folder would go.' },
  'nested-folders': { outcome: 'refuse', help: 'The folder of one sync lies within that of another.' },
};
