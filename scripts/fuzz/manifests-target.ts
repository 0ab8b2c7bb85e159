import { expect } from 'expect';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { emptyConfiguration as configuration } from '../../webhook/configuration/configuration.ts';
import { render } from '../../webhook/render/render.ts';
import { arbitraryPod } from '../../test/unit/arbitrary-pod.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { yamlText } from './yaml-text.ts';

/** Files of manifests of any content: faults, refusals, or YAML again. */
export const manifestsTarget = fuzzTarget({
  name: 'manifests',
  share: 5,
  start: () => ({
    arbitrary: yamlText(
      fc.oneof(
        arbitraryPod().map((pod) => ({ kind: 'Pod', ...pod })),
        arbitraryPod().map((template) => ({ kind: 'Deployment', spec: { template } })),
      ),
    ),
    holds: (text) => {
      const options = { namespace: 'x', namespaceLabel: undefined, configuration, image: 'example.com/sidecar:1' };
      const rendered = render(text, options);
      if ('faults' in rendered) expect(rendered.faults).not.toEqual([]);
      else expect(rendered.remarks).not.toEqual([]);
      const printed = 'text' in rendered && rendered.text !== text ? (rendered.text ?? '') : '';
      expect(parseAllDocuments(printed, { schema: 'failsafe' }).flatMap(({ errors }) => errors)).toEqual([]);
      return printed !== '';
    },
  }),
});
