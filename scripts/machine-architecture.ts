import { arch } from 'node:os';

/** This machine's architecture as Go, Kubernetes, Debian and images call it. */
export function machineArchitecture(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}
