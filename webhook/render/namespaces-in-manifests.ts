import { namespaceLabelKey } from '../profile-choice.ts';
import { fieldsOf, type PlacedObject } from './manifest-objects.ts';

/** What the Namespaces among some objects say by the label of ours, undefined where they have none. */
export function namespaceLabelsIn(objects: readonly PlacedObject[]): Map<string, string | undefined> {
  const namespaces = objects.filter(({ object: { kind } }) => kind === 'Namespace');
  return new Map(
    namespaces.map(({ object }) => {
      const { name, labels } = fieldsOf(object.metadata);
      const label = fieldsOf(labels)[namespaceLabelKey];
      return [String(name), typeof label === 'string' ? label : undefined];
    }),
  );
}
