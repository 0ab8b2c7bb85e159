/** A collection of the API server, perhaps narrowed by selectors. */
export interface ResourceScope {
  /** `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly apiPath: string;
  /** As in the path: `configmaps`. */
  readonly plural: string;
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** What a path of the API server points at. */
export interface ResourcePath {
  readonly namespace?: string;
  readonly plural: string;
  readonly name?: string;
}

/** A request in the words of RBAC, for error messages: `list`, `configmaps in namespace "x"`. */
export interface ApiCall {
  readonly verb: string;
  readonly resource: string;
}

/** The path of a collection, or of one object of it. */
export function resourcePath(scope: ResourceScope, name?: string): string {
  const namespace = scope.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(scope.namespace)}`;
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${scope.apiPath}${namespace}/${scope.plural}${object}`;
}

/** Takes a path apart; undefined when it isn't one of a resource (`/version`). Subresources count as part of the name. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const match = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/(.+))?$/.exec(path);
  if (match?.[2] === undefined) return undefined;
  const [, namespace, plural, name] = match;
  return {
    plural,
    ...(namespace !== undefined && { namespace: decodeURIComponent(namespace) }),
    ...(name !== undefined && { name: decodeURIComponent(name) }),
  };
}

/** Names a request for error messages. */
export function describeCall(method: string, path: string, watch = false): ApiCall {
  const parsed = parseResourcePath(path);
  if (parsed === undefined) return { verb: method.toLowerCase(), resource: path };
  const object = parsed.name === undefined ? parsed.plural : `${parsed.plural} "${parsed.name}"`;
  const place = parsed.namespace === undefined ? 'at the cluster scope' : `in namespace "${parsed.namespace}"`;
  return { verb: verbOf(method, parsed, watch), resource: `${object} ${place}` };
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

function verbOf(method: string, path: ResourcePath, watch: boolean): string {
  if (watch) return 'watch';
  return verbs[method] ?? (path.name === undefined ? 'list' : 'get');
}
