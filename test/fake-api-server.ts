import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterAccess } from '../shared/kubernetes/cluster-access.ts';
import type { KubernetesObject, ObjectMetadata } from '../shared/kubernetes/object.ts';
import { parseResourcePath, type ResourcePath } from '../shared/kubernetes/resource-path.ts';

type Verb = 'list' | 'watch' | 'get';

/** What a request meets in place of its answer. */
export type Fault =
  | { readonly kind: 'status'; readonly code: number; readonly reason: string; readonly retryAfterSeconds?: number }
  /** Answered late. */
  | { readonly kind: 'wait'; readonly until: Promise<void> }
  /** Never answered. */
  | { readonly kind: 'hang' }
  /** The answer begins, then nothing more comes: no bytes, no FIN. */
  | { readonly kind: 'stall' }
  /** The answer begins, then the connection is gone. */
  | { readonly kind: 'cut' }
  /** The answer ends in order, but in the middle of its JSON. */
  | { readonly kind: 'truncate' }
  /** A watch sends an ERROR event and ends. */
  | { readonly kind: 'error-event'; readonly code: number; readonly reason: string };

/** A request as it came. */
export interface RecordedRequest {
  readonly verb: Verb;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** An object as a test writes it. */
export type NewObject = { readonly metadata: Partial<ObjectMetadata> & { readonly name: string } } & Readonly<
  Record<string, unknown>
>;

/** Starts an API server on a free port of loopback; stop it at the end. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new FakeApiServer(server);
}

interface Selection {
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

interface Question extends ResourcePath {
  readonly verb: Verb;
  readonly query: Readonly<Record<string, string>>;
  /** The header `authorization`. */
  readonly given: string | undefined;
}

interface Watch extends Selection {
  readonly response: ServerResponse;
  silent: boolean;
}

interface Change {
  readonly plural: string;
  readonly version: number;
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject;
  readonly deleted: boolean;
}

/** An API server in this process that keeps any kind of object, in memory, and shows the faults that a real one won't on demand. */
export class FakeApiServer {
  readonly requests: RecordedRequest[] = [];
  readonly access: ClusterAccess;
  /** Only this bearer token is accepted; undefined: anybody is. */
  token: string | undefined;
  readonly #server: Server;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #changes: Change[] = [];
  readonly #watches = new Set<Watch>();
  readonly #faults: { verb: Verb; fault: Fault }[] = [];
  readonly #forbidden = new Set<string>();
  readonly #pages = new Map<string, readonly KubernetesObject[]>();
  #version = 1;
  #oldest = 0;

  constructor(server: Server) {
    const { port } = server.address() as AddressInfo;
    this.access = {
      server: new URL(`http://127.0.0.1:${port}`),
      namespace: 'default',
      credentials: 'no credentials',
      connectionOptions: () => Promise.resolve({}),
    };
    this.#server = server.on('request', (request, response) => this.#handle(request, response));
  }

  /** The verbs of the requests so far, in their order. */
  get verbs(): Verb[] {
    return this.requests.map(({ verb }) => verb);
  }

  /** How many watches are open now. */
  get openWatches(): number {
    return this.#watches.size;
  }

  /** Creates or replaces an object and tells the watches; returns it as stored. */
  put(plural: string, object: NewObject): KubernetesObject {
    const key = keyOf(plural, object.metadata.namespace, object.metadata.name);
    const before = this.#objects.get(key);
    const version = ++this.#version;
    const created = new Date(version * 1000).toISOString();
    const { uid, creationTimestamp = created } = before?.metadata ?? { uid: `uid-${version}` };
    const stored = withVersion({ ...object, metadata: { uid, creationTimestamp, ...object.metadata } }, version);
    this.#objects.set(key, stored);
    this.#publish({ plural, version, before, after: stored, deleted: false });
    return stored;
  }

  /** Deletes an object and tells the watches. */
  delete(plural: string, { namespace, name }: { readonly namespace?: string; readonly name: string }): void {
    const key = keyOf(plural, namespace, name);
    const before = this.#objects.get(key);
    if (before === undefined) throw new Error(`there is no ${key}`);
    const version = ++this.#version;
    this.#objects.delete(key);
    this.#publish({ plural, version, before, after: withVersion(before, version), deleted: true });
  }

  /** Lets the next request of a verb that has no fault yet meet this one; called twice, the next two. */
  fail(verb: Verb, fault: Fault): void {
    this.#faults.push({ verb, fault });
  }

  /** Keeps the next request of a verb waiting until the answer is called. */
  hold(verb: Verb): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#faults.push({ verb, fault: { kind: 'wait', until: promise } });
    return resolve;
  }

  /** Answers all requests of a verb for a kind of object by 403, until they are allowed again. */
  forbid(verb: Verb, plural: string): void {
    this.#forbidden.add(`${verb} ${plural}`);
  }

  allow(verb: Verb, plural: string): void {
    this.#forbidden.delete(`${verb} ${plural}`);
  }

  /** Sends all watches a bookmark of the newest resourceVersion, which it returns. */
  sendBookmarks(): string {
    const resourceVersion = String(this.#version);
    for (const watch of this.#watches) send(watch, 'BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion } });
    return resourceVersion;
  }

  /** Forgets the past, as a compaction of etcd does: older resourceVersions and all continue tokens are answered by 410. */
  expire(): void {
    this.#oldest = ++this.#version;
    this.#pages.clear();
  }

  /** Ends all watches in order. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
  }

  /** Cuts the connections of all watches. */
  cutWatches(): void {
    for (const { response } of this.#watches) response.destroy();
  }

  /** From now on nothing comes through the watches that are open, not even their end. */
  silenceWatches(): void {
    for (const watch of this.#watches) watch.silent = true;
  }

  /** Closes everything. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', this.access.server);
    const query = Object.fromEntries(searchParams);
    const parsed = parseResourcePath(path);
    if (parsed === undefined) return sendStatus(response, notFound);
    const verb = query.watch === 'true' ? 'watch' : parsed.name === undefined ? 'list' : 'get';
    this.requests.push({ verb, path, query });
    const at = this.#faults.findIndex((planned) => planned.verb === verb);
    const [planned] = at === -1 ? [] : this.#faults.splice(at, 1);
    const answer = (): void => this.#answer(response, { ...parsed, verb, query, given: request.headers.authorization });
    if (planned === undefined) answer();
    else if (planned.fault.kind === 'wait') void planned.fault.until.then(answer);
    else showFault(response, planned.fault);
  }

  #answer(response: ServerResponse, { verb, plural, namespace, name, query, given }: Question): void {
    const isKnown = this.token === undefined || given === `Bearer ${this.token}`;
    if (!isKnown) return sendStatus(response, unauthorized);
    if (this.#forbidden.has(`${verb} ${plural}`)) return sendStatus(response, forbidden);
    if (name !== undefined) return this.#get(response, keyOf(plural, namespace, name));
    const selection = { plural, namespace, query };
    if (verb === 'watch') return this.#watch(response, selection);
    return this.#list(response, selection);
  }

  #get(response: ServerResponse, key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return sendStatus(response, notFound);
    sendJson(response, { apiVersion: 'v1', ...object });
  }

  #list(response: ServerResponse, selection: Selection): void {
    const { limit, continue: token } = selection.query;
    const remaining = token === undefined ? this.#select(selection) : this.#pages.get(token);
    if (remaining === undefined) return sendStatus(response, expired);
    const pageSize = Number(limit ?? remaining.length);
    // All pages show the state of the first, so its version is part of the token.
    const version = token?.split('/')[0] ?? String(this.#version);
    const rest = remaining.slice(pageSize);
    const next = rest.length > 0 ? `${version}/${this.#pages.size}` : '';
    if (next !== '') this.#pages.set(next, rest);
    sendJson(response, {
      kind: 'List',
      apiVersion: 'v1',
      metadata: { resourceVersion: version, ...(next && { continue: next, remainingItemCount: rest.length }) },
      items: remaining.slice(0, pageSize),
    });
  }

  #select(selection: Selection): KubernetesObject[] {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(`${selection.plural}/`)).sort();
    return keys.flatMap((key) => this.#objects.get(key) ?? []).filter((object) => isSelected(selection, object));
  }

  #watch(response: ServerResponse, selection: Selection): void {
    const from = Number(selection.query.resourceVersion);
    if (from < this.#oldest) return sendStatus(response, expired);
    const watch = { ...selection, response, silent: false };
    beginAnswer(response);
    for (const change of this.#changes) if (change.version > from) tell(watch, change);
    this.#watches.add(watch);
    const timer = setTimeout(() => watch.silent || response.end(), Number(selection.query.timeoutSeconds) * 1000);
    response.on('close', () => {
      clearTimeout(timer);
      this.#watches.delete(watch);
    });
  }

  #publish(change: Change): void {
    this.#changes.push(change);
    for (const watch of this.#watches) tell(watch, change);
  }
}

function keyOf(plural: string, namespace: string | undefined, name: string): string {
  return `${plural}/${namespace ?? ''}/${name}`;
}

function withVersion(object: NewObject, version: number): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } as ObjectMetadata };
}

function tell(watch: Watch, { plural, before, after, deleted }: Change): void {
  if (plural !== watch.plural) return;
  const was = before !== undefined && isSelected(watch, before);
  const is = !deleted && isSelected(watch, after);
  // An object that no longer matches is gone for this watch.
  if (was || is) send(watch, is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', after);
}

function send({ response, silent }: Watch, type: string, object: unknown): void {
  if (!silent) response.write(`${JSON.stringify({ type, object })}\n`);
}

/** Knows `key` and `key=value` of labels, and `metadata.name=` of fields. */
function isSelected({ namespace, query }: Selection, { metadata }: KubernetesObject): boolean {
  const labels = (query.labelSelector ?? '').split(',').filter((term) => term !== '');
  const [, name] = /^metadata\.name=(.*)$/.exec(query.fieldSelector ?? '') ?? [];
  return (
    (namespace === undefined || namespace === metadata.namespace) &&
    (name === undefined || name === metadata.name) &&
    labels.every((term) => {
      const [key = '', value] = term.split('=');
      const label = metadata.labels?.[key];
      return label !== undefined && (value === undefined || value === label);
    })
  );
}

function showFault(response: ServerResponse, fault: Exclude<Fault, { kind: 'wait' }>): void {
  switch (fault.kind) {
    case 'status':
      return sendStatus(response, fault);
    case 'hang':
      return;
    case 'error-event':
      beginAnswer(response);
      response.end(`${JSON.stringify({ type: 'ERROR', object: { ...fault, kind: 'Status' } })}\n`);
      return;
    case 'stall':
    case 'cut':
    case 'truncate':
      beginAnswer(response);
      response.write('{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"first"}},{"meta', () => {
        if (fault.kind === 'cut') response.destroy();
        if (fault.kind === 'truncate') response.end();
      });
  }
}

function beginAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
}

function sendJson(response: ServerResponse, body: unknown): void {
  beginAnswer(response);
  response.end(JSON.stringify(body));
}

interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
}

const notFound: Refusal = { code: 404, reason: 'NotFound' };
const unauthorized: Refusal = { code: 401, reason: 'Unauthorized' };
const forbidden: Refusal = { code: 403, reason: 'Forbidden' };
const expired: Refusal = { code: 410, reason: 'Expired' };

function sendStatus(response: ServerResponse, { code, reason, retryAfterSeconds }: Refusal): void {
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  response.writeHead(code, { 'content-type': 'application/json', ...retryAfter });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason }));
}
