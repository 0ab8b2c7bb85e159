import type { ResourceName } from '../../shared/settings/kubernetes-kind.ts';
import type { Override } from '../../shared/settings/read-settings.ts';
import { isWithin } from '../folders.ts';
import { quantityValue } from '../quantity.ts';
import { hostOf, isAllowedHost } from './allowed-host.ts';
import { isAllowedImage } from './allowed-image.ts';
import { matchesPattern } from './name-pattern.ts';
import type { ResourcesRule } from './policy.ts';
import type { PolicyContext, RuleFault } from './policy-problems.ts';

/** What the rules about values have against the value that a pod gives a setting. */
export function valueFault(override: Override, context: PolicyContext): RuleFault | undefined {
  return override.value === undefined ? undefined : rules[override.row]?.(override, context);
}

type ValueRule = (override: Override, context: PolicyContext) => RuleFault | undefined;

const rules: Readonly<Record<string, ValueRule>> = {
  IMAGE: imageFault,
  CPU_REQUEST: atMost('cpu'),
  CPU_LIMIT: atMost('cpu'),
  MEMORY_REQUEST: atMost('memory'),
  MEMORY_LIMIT: atMost('memory'),
  VOLUME_SIZE_LIMIT: atMost('volume'),
  NAMESPACE: ({ value, otherwise }, context) =>
    namespacesFault({ given: value as Namespaces, otherwise: otherwise as Namespaces | undefined }, context),
  RESOURCE_NAME: ({ value }, context) => {
    const namespaces = (value as readonly ResourceName[]).map(({ namespace }) => namespace);
    return namespacesFault({ given: namespaces.filter((namespace) => namespace !== undefined) }, context);
  },
  FOLDER: folderFault,
  REQ_URL: urlFault,
};

function imageFault(override: Override, { policy: { imagePrefixes = [] } }: PolicyContext): RuleFault | undefined {
  if (isAllowedImage(textOf(override), imagePrefixes)) return undefined;
  const accepts = imagePrefixes.length > 0 ? `images of ${imagePrefixes.join(', ')}` : 'no image of a pod';
  return { fault: 'is an image that policy.imagePrefixes does not allow', accepts };
}

function atMost(name: keyof ResourcesRule): ValueRule {
  return (override, { policy }) => {
    const most = policy.resources?.[name];
    if (most === undefined || quantityValue(textOf(override)) <= quantityValue(most)) return undefined;
    return { fault: `is more than policy.resources.${name} allows`, accepts: `at most ${most}` };
  };
}

type Namespaces = readonly string[] | 'ALL';

interface GivenNamespaces {
  readonly given: Namespaces;
  /** What the pod would read from if it named none: to read from some of them alone takes nothing from anybody. */
  readonly otherwise?: Namespaces | undefined;
}

function namespacesFault(
  { given, otherwise = [] }: GivenNamespaces,
  { policy, namespace }: PolicyContext,
): RuleFault | undefined {
  const { namespaces } = policy;
  if (!namespaces || otherwise === 'ALL') return undefined;
  // Every namespace is what * alone stands for.
  const isAllowed = (name: string): boolean =>
    [namespace, ...otherwise].includes(name) || namespaces.some((pattern) => matchesPattern(name, pattern));
  const others = given === 'ALL' ? (namespaces.includes('*') ? [] : ['ALL']) : given.filter((name) => !isAllowed(name));
  if (others.length === 0) return undefined;
  const accepts = [...new Set(["the pod's own namespace", ...otherwise, ...namespaces])].join(', ');
  return { fault: `names ${others.join(', ')}, which policy.namespaces does not allow`, accepts };
}

function folderFault(override: Override, { policy: { folders } }: PolicyContext): RuleFault | undefined {
  if (!folders || folders.some((folder) => isWithin(textOf(override), folder))) return undefined;
  const accepts = folders.length > 0 ? `${folders.join(', ')} and what lies below` : 'no folder of a pod';
  return { fault: 'is a folder that policy.folders does not allow', accepts };
}

function urlFault(override: Override, { policy: { urlHosts } }: PolicyContext): RuleFault | undefined {
  const host = hostOf(textOf(override));
  if (!urlHosts || isAllowedHost(host, urlHosts)) return undefined;
  const accepts = ['localhost', ...urlHosts].join(', ');
  return { fault: `leads to ${JSON.stringify(host)}, which policy.urlHosts does not allow`, accepts };
}

function textOf({ value, setting: { kind } }: Override): string {
  return value === undefined ? '' : kind.print(value);
}
