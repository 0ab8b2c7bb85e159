import { folder, type Kind } from '../shared/settings/kind.ts';

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
    return path === undefined || ofImages.includes(path) ? undefined : path;
  },
  explain: (given) =>
    ofImages.includes(folder.parse(given) ?? '')
      ? { fault: 'would hide what the images of the containers have there' }
      : undefined,
};
