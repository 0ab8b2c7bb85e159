/**
 * Texts as the API server passes them on as warnings: it drops those with control characters, and cuts all of them, also those of
 * others, to 256 characters once they have more than 4096 together; kubectl shows no text twice. Groups that don't fit are left out
 * whole, and counted.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go
 */
export function fitWarnings(groups: readonly (readonly string[])[], title: string): string[] {
  const fitting: string[] = [];
  let left = mostCharacters;
  let leftOut = 0;
  for (const group of groups) {
    const lines = group.map((line) => line.replaceAll(/\p{Cc}/gu, ' '));
    const { length } = lines.join('');
    if (length > left) {
      leftOut += lines.length;
      continue;
    }
    left -= length;
    fitting.push(...lines);
  }
  return leftOut === 0 ? fitting : [...fitting, `${title}: ${leftOut} more lines are left out until these are seen to`];
}

// A quarter is left to what others, such as Pod Security, have to say about the same workload.
const mostCharacters = 3072;
