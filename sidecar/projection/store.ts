/** What one object claims of one path. The content itself isn't kept. */
export interface Claim {
  /** SHA-256 of the content; of a download, of its URL. */
  readonly hash: string;
  readonly mode: number;
  /** Of a download alone: its URL, which may have credentials in it; null where only the record tells of the claim. */
  readonly url?: string | null;
}

/** An object as last seen: enough to say which of two objects a path belongs to, and whether the object has changed. */
export interface StoredObject {
  /** `configmap/<namespace>/<name>` or `secret/<namespace>/<name>`. */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** RFC 3339, as the API server writes it, so that text order is time order. */
  readonly createdAt: string;
  readonly claims: ReadonlyMap<string, Claim>;
}

/** The objects of a sync as last seen, and who claims which path. Knows no files and no cluster. */
export class Store {
  readonly #objects = new Map<string, StoredObject>();
  readonly #claimants = new Map<string, Set<string>>();

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** Takes in what was seen of an object; answers the paths whose claims may have changed. */
  put(object: StoredObject): Set<string> {
    const paths = this.delete(object.key);
    this.#objects.set(object.key, object);
    for (const path of object.claims.keys()) {
      paths.add(path);
      this.#claimantsOf(path).add(object.key);
    }
    return paths;
  }

  /** Forgets an object; answers the paths that it claimed. */
  delete(key: string): Set<string> {
    const paths = new Set(this.#objects.get(key)?.claims.keys());
    this.#objects.delete(key);
    for (const path of paths) {
      const claimants = this.#claimantsOf(path);
      claimants.delete(key);
      if (claimants.size === 0) this.#claimants.delete(path);
    }
    return paths;
  }

  /** Everybody who claims a path, the winner first: the oldest object, among equals the first by key. */
  claimants(path: string): StoredObject[] {
    const objects = [...(this.#claimants.get(path) ?? [])].map((key) => this.#objects.get(key));
    return objects.filter((object) => object !== undefined).sort(byAgeThenKey);
  }

  #claimantsOf(path: string): Set<string> {
    const claimants = this.#claimants.get(path) ?? new Set();
    this.#claimants.set(path, claimants);
    return claimants;
  }
}

function byAgeThenKey(a: StoredObject, b: StoredObject): number {
  return compare(a.createdAt, b.createdAt) || compare(withoutKind(a.key), withoutKind(b.key)) || compare(a.key, b.key);
}

function withoutKind(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
