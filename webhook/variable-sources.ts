import type { Kind } from '../shared/settings/kind.ts';
import { splitList } from '../shared/settings/kubernetes-kind.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { markerVariable } from './injected-names.ts';
import { parseObjectKey, type ObjectKey } from './secret-key.ts';

/** An environment variable of the sidecar whose value is a key of an object in the pod's namespace. */
export interface VariableSource extends ObjectKey {
  readonly variable: string;
  readonly kind: 'configmap' | 'secret';
}

/** Variables for what reads the sidecar's environment besides its settings, such as proxies, certificates and scripts. */
export const variableSources: Kind<readonly VariableSource[]> = {
  name: 'variableSources',
  accepts:
    "a comma separated list of NAME=configmap/OBJECT/KEY and NAME=secret/OBJECT/KEY, objects in the pod's namespace, for variables such as HTTPS_PROXY",
  parse: (given) => {
    const { sources, faults } = readSources(given);
    return faults.length > 0 || sources.length === 0 ? undefined : sources;
  },
  print,
  // So that text of another form isn't shown: it may be the value itself.
  redact: print,
  explain: (given) => {
    const { faults } = readSources(given);
    return faults.length > 0 ? { fault: faults.join(', and ') } : undefined;
  },
};

function print(sources: readonly VariableSource[]): string {
  return sources.map(({ variable, kind, name, key }) => `${variable}=${kind}/${name}/${key}`).join(',');
}

function readSources(given: string): { sources: VariableSource[]; faults: string[] } {
  const items = splitList(given).map((item) => ({ item, source: parseSource(item) }));
  const sources = items.flatMap(({ source }) => source ?? []);
  const counts = Map.groupBy(sources, ({ variable }) => variable);
  const twice = [...counts].filter(([, { length }]) => length > 1).map(([name]) => name);
  const refused = [...counts.keys()].flatMap((name) => refusalOf(name) ?? []);
  return { sources, faults: [...malformedFaults(items), ...twice.map((name) => `has ${name} twice`), ...refused] };
}

function parseSource(item: string): VariableSource | undefined {
  const [, variable, kindText = '', rest = ''] = /^([A-Za-z_]\w*)=(\w+)\/(.*)$/.exec(item) ?? [];
  const kind = (['configmap', 'secret'] as const).find((known) => known === kindText.toLowerCase());
  const objectKey = parseObjectKey(rest.split('/'));
  return variable !== undefined && kind && objectKey ? { variable, kind, ...objectKey } : undefined;
}

interface Item {
  readonly item: string;
  readonly source: VariableSource | undefined;
}

/** Names the first by its variable, and the others by their places: all that follows may be a value, which nobody may see, with commas. */
function malformedFaults(items: readonly Item[]): string[] {
  const malformed = items.flatMap(({ item, source }, index) => (source ? [] : [{ item, place: index + 1 }]));
  return malformed.map(({ item, place }, index) => {
    const [, variable] = (index === 0 && /^([A-Za-z_]\w*)=/.exec(item)) || [];
    return variable === undefined ? `item ${place} is of another form` : `${variable} comes from no key of an object`;
  });
}

/** Why a variable may not be set in this way, which goes past the checks and the policy for settings. */
function refusalOf(variable: string): string | undefined {
  const { process, sync } = sidecarSettings;
  if (Object.hasOwn(process, variable) || Object.hasOwn(sync, variable))
    return `${variable} is a setting of the sidecar`;
  // Whatever syncs there are: their names come from elsewhere.
  if (variable.includes('__')) return `${variable} is spelled as a setting of one sync`;
  if (variable === markerVariable) return `${variable} is set by the injection`;
  return changesProgram(variable) ? `${variable} changes how the sidecar is run, or whom it trusts` : undefined;
}

// NODE_OPTIONS and LD_PRELOAD load code, NODE_TLS_REJECT_UNAUTHORIZED turns verification off, KUBERNETES_SERVICE_HOST names the API
// server, and HOME holds a kubeconfig. https://nodejs.org/api/cli.html#environment-variables_1
function changesProgram(variable: string): boolean {
  const isTrusting = variable === 'NODE_EXTRA_CA_CERTS';
  return !isTrusting && /^(?:NODE_|LD_|OPENSSL_|KUBERNETES_|(?:HOME|PATH)$)/.test(variable);
}
