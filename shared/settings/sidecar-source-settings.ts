import { boolean, oneOf, positiveDuration } from './kind.ts';
import { labelSelector, labelSelectorValue, namespaces, resourceNames } from './kubernetes-kind.ts';
import { optionalSetting, requiredUnless, setting } from './setting.ts';

/** What a sync reads from the cluster, and how. */
export const sourceSettings = {
  LABEL: requiredUnless({
    unless: 'RESOURCE_NAME',
    kind: labelSelector,
    description: 'Label key, or whole label selector, of the ConfigMaps and Secrets to sync.',
  }),
  LABEL_VALUE: optionalSetting({
    kind: labelSelectorValue,
    defaultText: 'any value',
    description: 'Value that the label must have.',
  }),
  NAMESPACE: optionalSetting({
    kind: namespaces,
    defaultText: "the pod's own namespace",
    description: 'Namespaces to sync from, comma separated, or `ALL`.',
  }),
  RESOURCE: setting({
    kind: oneOf('configmap', 'secret', 'both'),
    default: 'configmap',
    description: 'Kinds of object to sync.',
  }),
  RESOURCE_NAME: optionalSetting({
    kind: resourceNames,
    defaultText: 'the objects that LABEL selects',
    description:
      'Objects to sync by their names, whatever their labels. Watched one by one; where only `get` is allowed, asked for every SLEEP_TIME.',
  }),
  METHOD: setting({
    kind: oneOf('WATCH', 'LIST', 'SLEEP'),
    default: 'WATCH',
    description: '`WATCH` follows changes; `SLEEP` lists every SLEEP_TIME; `LIST` lists once and ends.',
  }),
  SLEEP_TIME: setting({
    kind: positiveDuration,
    default: 60_000,
    description: 'Time between two lists with METHOD=SLEEP.',
  }),
  IGNORE_ALREADY_PROCESSED: setting({
    kind: boolean,
    default: false,
    description:
      'Accepted for kiwigrid/k8s-sidecar, without effect: an object that has not changed is never processed again.',
  }),
};
