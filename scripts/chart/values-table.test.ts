import { describe, expect, it } from '@jest/globals';
import { withValuesTables } from './values-table.ts';

const values = `## Images

# The one of the webhook.
image:
  # Its name, a|b.
  repository: webhook
  # Empty: the chart's.
  tag: ''

## Pods

# Where.
affinity: {}

# For Kubernetes.
spread:
  - topologyKey: kubernetes.io/hostname
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
`;

describe('the README of the chart', () => {
  it('has every value with its default between the marks', () => {
    const [begin, end] = ['<!-- values: made from values.yaml by `npm run generate` -->', '<!-- end of values -->'];

    expect(withValuesTables(`# Chart\n\n${begin}\nold\n${end}\n\nThe end.\n`, values)).toBe(`# Chart

${begin}

### Images

| Value | Default | Meaning |
| --- | --- | --- |
| \`image\` |  | The one of the webhook. |
| \`image.repository\` | \`webhook\` | Its name, a\\|b. |
| \`image.tag\` | \`''\` | Empty: the chart's. |

### Pods

| Value | Default | Meaning |
| --- | --- | --- |
| \`affinity\` | \`{}\` | Where. |
| \`spread\` | see values.yaml | For Kubernetes. |

${end}

The end.
`);
  });

  it('is not made without the marks', () => {
    expect(() => withValuesTables('# Chart\n', values)).toThrow('<!-- values: made from values.yaml');
  });
});
