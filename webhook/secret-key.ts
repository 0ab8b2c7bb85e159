import type { Kind } from '../shared/settings/kind.ts';
import { objectName } from '../shared/settings/kubernetes-kind.ts';

/** One key of a ConfigMap or a Secret. */
export interface ObjectKey {
  readonly name: string;
  readonly key: string;
}

/** A key of a Secret in the pod's namespace: `SECRET/KEY`. */
export const secretKey: Kind<ObjectKey> = {
  name: 'secretKey',
  accepts: "SECRET/KEY, a key of a Secret in the pod's namespace",
  parse: (given) => parseObjectKey(given.trim().split('/')),
  print,
  // So that text of another form isn't shown: it may be the password itself.
  redact: print,
};

function print({ name, key }: ObjectKey): string {
  return `${name}/${key}`;
}

// https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object
const dataKey = /^[\w.-]{1,253}$/;

/** The name of an object and of a key in it, or undefined when they aren't such names. */
export function parseObjectKey([name = '', key = '', ...rest]: readonly string[]): ObjectKey | undefined {
  return objectName.test(name) && dataKey.test(key) && rest.length === 0 ? { name, key } : undefined;
}
