import { isScalar, parseDocument } from 'yaml';
import { PlainError } from '../plain-error.ts';

/** A chart's values.yaml whose `registry` is another one; all else in it, comments too, stays as it is, to the byte. */
export function withRegistry(values: string, registry: string): string {
  const node = parseDocument(values).get('registry', true);
  if (!isScalar(node) || !node.range) {
    throw new PlainError(
      'the values.yaml of the chart has no `registry` with a text, which the images of a release need',
    );
  }
  const [from, to] = node.range;
  return `${values.slice(0, from)}'${registry}'${values.slice(to)}`;
}
