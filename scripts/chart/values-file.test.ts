import { describe, expect, it } from '@jest/globals';
import { readValues } from './values-file.ts';

describe('the values of a chart', () => {
  it('are read in their groups, each with the comment above it', () => {
    const groups = readValues(`# What this file is.

## Images

# Registry of both.
registry: ''

# The one
# of the webhook.
image:
  # Its name.
  repository: webhook # not about the value
  # Its tag.
  tag: ''

## Pods

# How many.
replicas: 2

# For Kubernetes as it is.
resources:
  limits:
    memory: 1Mi
`);

    expect(groups).toEqual([
      {
        title: 'Images',
        values: [
          { name: 'registry', meaning: 'Registry of both.', default: '', values: null },
          {
            name: 'image',
            meaning: 'The one of the webhook.',
            default: { repository: 'webhook', tag: '' },
            values: [
              { name: 'image.repository', meaning: 'Its name.', default: 'webhook', values: null },
              { name: 'image.tag', meaning: 'Its tag.', default: '', values: null },
            ],
          },
        ],
      },
      {
        title: 'Pods',
        values: [
          { name: 'replicas', meaning: 'How many.', default: 2, values: null },
          {
            name: 'resources',
            meaning: 'For Kubernetes as it is.',
            default: { limits: { memory: '1Mi' } },
            values: null,
          },
        ],
      },
    ]);
  });

  it.each([
    ['a value without a comment', '## Pods\n\nreplicas: 2\n', 'values.yaml: no comment stands above replicas'],
    [
      'one in another without a comment',
      '## Pods\n\nlog:\n  # One of …\n  level: a\n  format: b\n',
      'values.yaml: no comment stands above log.format',
    ],
    ['values without a group', '# How many.\nreplicas: 2\n', 'values.yaml: no line "## TITLE" stands above replicas'],
    ['no values', '', 'values.yaml: is no map'],
  ])('are not read: %s', (_what, text, words) => {
    expect(() => readValues(text)).toThrow(new Error(words));
  });
});
