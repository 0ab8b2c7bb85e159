import { describe, expect, it } from '@jest/globals';
import { decodeReview } from '../../../webhook/admission-review.ts';
import { reviews, type ReviewName } from './review-fixture.ts';

interface Review {
  readonly request: { readonly object: { readonly metadata: Readonly<Record<string, object>> } };
}

const metadataOf = (name: ReviewName) => (JSON.parse(reviews[name]()) as Review).request.object.metadata;
const kilobytes = (text: string): number => Math.round(text.length / 1000);

describe('the reviews of the benchmark', () => {
  it.each([
    ['grafana', 10],
    ['large', 69],
    ['unasked', 10],
  ] as const)('%s is one of %d kB, nearly half of it managedFields', (name, size) => {
    const review = reviews[name]();
    const share = JSON.stringify(metadataOf(name)['managedFields']).length / review.length;

    expect(kilobytes(review)).toBe(size);
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.55);
    expect(decodeReview(JSON.parse(review))).toHaveProperty('request.operation', 'CREATE');
  });

  it('the one that does not ask has an annotation of ours, as it would not come otherwise', () => {
    expect(
      Object.keys(metadataOf('unasked')['annotations'] ?? {}).filter((key) => key.includes('sync-sidecar')),
    ).toEqual(['sync-sidecar.io/label']);
  });
});
