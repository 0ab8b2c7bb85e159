import type { AccessNeed, Verb } from './access-needs.ts';
import type { Account } from './access-reviews.ts';

/** Who is to read what. */
export interface GrantOptions {
  /** Of role and binding. */
  readonly name: string;
  readonly account: Account;
  /** Absent: the whole cluster. */
  readonly namespace?: string | undefined;
  readonly needs: readonly AccessNeed[];
}

/** The Role and the RoleBinding, or ClusterRole and ClusterRoleBinding, that meet the needs in one namespace or in all. */
export function grantFor({ name, account, namespace, needs }: GrantOptions): object[] {
  const group = 'rbac.authorization.k8s.io';
  const apiVersion = `${group}/v1`;
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const subjects = [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }];
  return [
    { apiVersion, kind, metadata, rules: rulesFor(needs) },
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup: group, kind, name }, subjects },
  ];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly Verb[];
}

/** One rule for all collections that want the same verbs, and one for all objects of a resource that do. */
function rulesFor(needs: readonly AccessNeed[]): Rule[] {
  const alike = Map.groupBy(needs, ({ name, resource, verbs }) =>
    JSON.stringify([name === undefined ? null : resource, verbs]),
  );
  return [...alike.values()].map((group) => {
    const names = group.flatMap(({ name }) => (name === undefined ? [] : [name]));
    return {
      apiGroups: [''],
      resources: distinct(group.map(({ resource }) => resource)),
      ...(names.length > 0 && { resourceNames: distinct(names) }),
      verbs: group[0]?.verbs ?? [],
    };
  });
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
