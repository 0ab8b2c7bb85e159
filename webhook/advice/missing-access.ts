import type { AccessNeed } from './access-needs.ts';
import type { Account, MissingAccess } from './access-reviews.ts';
import { grantFor } from './grant.ts';

export interface MissingAccessOptions {
  /** `Deployment/grafana`. */
  readonly title: string;
  readonly account: Account;
  readonly needs: readonly AccessNeed[];
  readonly missing: readonly MissingAccess[];
}

/** What is missing in one namespace, or in all, and what grants it. */
export interface AccessAdvice {
  readonly line: string;
  /** JSON, a line for each: several such lines are a file that `kubectl apply` takes, without anything between them. */
  readonly objects: readonly string[];
}

/** What a sidecar may not read, by namespace. */
export function accessAdvice({ title, account, needs, missing }: MissingAccessOptions): AccessAdvice[] {
  const places = Map.groupBy(missing, ({ need }) => need.namespace);
  return [...places].map(([namespace, here]) => {
    const name = grantName(title, account, namespace);
    // All that is needed there, not only what is missing: a Role of this name that is there already may have the rest.
    const all = needs.filter((need) => need.namespace === namespace);
    const objects = grantFor({ name, account, namespace, needs: all }).map((object) => JSON.stringify(object));
    return { line: describeMissing(account, namespace, here), objects };
  });
}

/** No two workloads share a name, or whoever applies what one of them needs would take it from the other. */
function grantName(title: string, account: Account, namespace: string | undefined): string {
  const workload = title.toLowerCase().replace('/', ':');
  return namespace === account.namespace ? `sync-sidecar:${workload}` : `sync-sidecar:${account.namespace}:${workload}`;
}

function describeMissing(account: Account, namespace: string | undefined, missing: readonly MissingAccess[]): string {
  const alike = Map.groupBy(missing, ({ refused }) => refused.join(' and '));
  const what = [...alike].map(([verbs, those]) => `${verbs} ${[...new Set(those.map(nameOf))].join(' and ')}`);
  const where = namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
  const fault = `the ServiceAccount "${account.name}" may not ${what.join(', ')} ${where}`;
  return `${fault}, as the sidecar has to; the two objects that follow grant it${toWhom(account)}`;
}

function nameOf({ need: { resource, name } }: MissingAccess): string {
  return name === undefined ? resource : `${resource} "${name}"`;
}

/** Everybody in the namespace who names no ServiceAccount has that one. */
function toWhom({ name }: Account): string {
  return name === 'default'
    ? ', to each pod of the namespace that names no ServiceAccount; give this workload one of its own, by serviceAccountName'
    : '';
}
