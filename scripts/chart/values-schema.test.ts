import { describe, expect, it } from '@jest/globals';
import { valuesSchema } from './values-schema.ts';

const values = `## Pods

# How many.
replicas: 2

log:
  # One of …
  level: ''
  # Whether.
  colours: false

# How long.
seconds: 5

# For Kubernetes.
affinity: {}

# More.
others: [a]

# What pods get.
configuration:
  # What they may say.
  policy: {}
`;

describe('the schema of the values', () => {
  it('has their names, comments and defaults, and the type of the default where nothing else is known', () => {
    const schema = JSON.parse(valuesSchema(values)) as Record<string, unknown>;

    expect({ ...schema, $comment: '', definitions: {} }).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $comment: '',
      title: 'Values of the chart sync-sidecar',
      type: 'object',
      properties: {
        replicas: { description: 'How many.', type: 'integer', minimum: 1, default: 2 },
        log: {
          type: 'object',
          properties: {
            level: expect.objectContaining({ description: 'One of …', default: '' }) as object,
            colours: { description: 'Whether.', type: 'boolean', default: false },
          },
          additionalProperties: false,
          required: ['level', 'colours'],
        },
        seconds: { description: 'How long.', type: 'integer', default: 5 },
        affinity: { description: 'For Kubernetes.', type: 'object', default: {} },
        others: { description: 'More.', type: 'array', default: ['a'] },
        configuration: {
          description: 'What pods get.',
          type: 'object',
          properties: {
            policy: {
              description: 'What they may say.',
              allOf: [{ $ref: '#/definitions/policy' }],
              default: {},
            },
          },
          additionalProperties: false,
        },
        global: {
          description: 'Values that a parent chart shares with its charts; not used here.',
          type: 'object',
        },
        enabled: { description: 'For the `condition` of a parent chart; not used here.', type: 'boolean' },
      },
      additionalProperties: false,
      required: ['replicas', 'log', 'seconds', 'configuration'],
      definitions: {},
    });
  });

  it('is not made of a value whose default says nothing', () => {
    expect(() => valuesSchema('## Pods\n\n# How many.\nnumber:\n')).toThrow('values.yaml: number has no default');
  });
});
