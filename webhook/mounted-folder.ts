import { folder, type Kind } from '../shared/settings/kind.ts';
import { isWithin } from './folders.ts';

// Programs, their libraries and their configuration: without them hardly a container starts. What lies below hides less.
const ofImages = [
  '/etc',
  ...['', '/usr'].flatMap((root) => ['/bin', '/lib', '/lib64', '/sbin'].map((name) => root + name)),
  '/usr',
];

/** A folder that can be mounted into every container of a pod. */
export const mountedFolder: Kind<string> = {
  ...folder,
  parse: (given) => {
    const path = folder.parse(given);
    return path === undefined || faultOf(path) !== undefined ? undefined : path;
  },
  explain: (given) => {
    const fault = faultOf(folder.parse(given) ?? '');
    return fault === undefined ? undefined : { fault };
  },
};

function faultOf(path: string): string | undefined {
  if (ofImages.includes(path)) return 'would hide what the images of the containers have there';
  return isOfTheRuntime(path) ? 'is where the container runtime mounts its own' : undefined;
}

/**
 * Seen with runc: nothing can be mounted in /proc, nothing made in /sys, and in our folder, which is read-only, no place for what is
 * to be mounted after it, such as /dev/termination-log. A folder within a mount of the application is no such thing: where that is a
 * ConfigMap or the like, the kubelet makes the place for it.
 */
function isOfTheRuntime(path: string): boolean {
  return path === '/dev' || ['/proc', '/sys'].some((outer) => isWithin(path, outer));
}
