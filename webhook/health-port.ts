import { allContainers, type Pod } from './pod.ts';

// High enough to be nobody's habit, below the ephemeral ports that outgoing connections take.
const firstPort = 18080;

/** The port of the health server, or the reason why there is none. */
export function chooseHealthPort(pod: Pod, asked: number | undefined): { port: number } | { fault: string } {
  const declared = allContainers(pod).flatMap(({ name, ports = [] }) =>
    // The same number is free for TCP where another protocol has it; one left out is TCP.
    ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP').map(({ containerPort }) => ({ name, containerPort })),
  );
  if (asked !== undefined) {
    const taken = declared.find(({ containerPort }) => containerPort === asked);
    return taken ? { fault: `port ${asked} is declared by the container ${taken.name}` } : { port: asked };
  }
  if (pod.spec?.hostNetwork) {
    // The ports of a pod on the host's network are the node's, and nobody but the author knows which are free there.
    return { fault: 'a pod with hostNetwork needs sync-sidecar.io/health-port: a port that is free on its nodes' };
  }
  const taken = new Set(declared.map(({ containerPort }) => containerPort));
  let port = firstPort;
  while (taken.has(port)) port++;
  return { port };
}
