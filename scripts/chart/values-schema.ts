import { configurationDefinitions, configurationFields } from '../configuration/schema.ts';
import { described, mapping, type Schema } from '../configuration/schema-parts.ts';
import { readValues, type ChartValue } from './values-file.ts';
import { valueSchemas } from './value-schemas.ts';

/**
 * `values.schema.json`, by which Helm refuses a misspelt value: the names, descriptions and defaults of values.yaml; the types too,
 * where value-schemas.ts does not say more.
 */
export function valuesSchema(valuesFile: string): string {
  const values = readValues(valuesFile).flatMap((group) => group.values);
  const { properties, ...rest } = ofValues(values) as { properties: object };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Made from values.yaml and the settings tables by `npm run generate`; changes here are lost.',
    title: 'Values of the chart sync-sidecar',
    ...rest,
    properties: { ...properties, ...ofParentCharts },
    definitions: configurationDefinitions(),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** What a chart that depends on this one adds to its values. */
const ofParentCharts: Readonly<Record<string, Schema>> = {
  global: { description: 'Values that a parent chart shares with its charts; not used here.', type: 'object' },
  enabled: { description: 'For the `condition` of a parent chart; not used here.', type: 'boolean' },
};

function ofValues(values: readonly ChartValue[]): Schema {
  const required = values.filter((value) => !mayBeLeftOut(value)).map(keyOf);
  return {
    ...mapping(Object.fromEntries(values.map((value) => [keyOf(value), ofValue(value)]))),
    type: 'object',
    ...(required.length > 0 && { required }),
  };
}

/**
 * Helm looks at the values when their defaults have been added, and null has taken one away: an empty `tls:` in somebody's file is enough.
 * A list or a mapping of Kubernetes' then is none; anything else would be missing in a template.
 */
function mayBeLeftOut({ default: value, values }: ChartValue): boolean {
  return values === null && typeof value === 'object';
}

function keyOf({ name }: ChartValue): string {
  return name.split('.').at(-1)!;
}

function ofValue(value: ChartValue): Schema {
  const { name, meaning, values } = value;
  const schema = values === null ? { ...(known(name) ?? typeOf(value)), default: value.default } : ofValues(values);
  return meaning === '' ? schema : { ...described(meaning, schema), description: meaning };
}

function known(name: string): Schema | undefined {
  const { defaults, profiles, policy } = configurationFields();
  const configuration = {
    'configuration.defaults': defaults,
    'configuration.profiles': profiles,
    'configuration.policy': policy,
  };
  return { ...configuration, ...valueSchemas }[name];
}

/** The type of the default. */
function typeOf({ name, default: value }: ChartValue): Schema {
  if (Array.isArray(value)) return { type: 'array' };
  if (typeof value === 'number') return { type: 'integer' };
  if (value === null) throw new Error(`values.yaml: ${name} has no default; '', [] or {} say what it may be`);
  return { type: typeof value };
}
