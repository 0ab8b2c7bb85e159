import { describe, expect, it } from '@jest/globals';
import { withRegistry } from './with-registry.ts';

describe('values.yaml with a registry', () => {
  it('is the same but for the registry', () => {
    const values = "# -- Before both images.\nregistry:   ''   # none\n\nimage:\n    {  registry: '' }\n";

    expect(withRegistry(values, 'ghcr.io/some-team')).toBe(
      "# -- Before both images.\nregistry:   'ghcr.io/some-team'   # none\n\nimage:\n    {  registry: '' }\n",
    );
  });

  it.each(['image: {}\n', 'registry: {}\n', 'image:\n  registry: x\n'])(
    'is refused where there is none: %j',
    (values) => {
      expect(() => withRegistry(values, 'ghcr.io/some-team')).toThrow('has no `registry` with a text');
    },
  );
});
