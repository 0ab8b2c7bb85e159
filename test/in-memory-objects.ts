import jsonPatch from 'fast-json-patch';
import type { Operation } from 'fast-json-patch';
import type { ApiClient, ApiRequest } from '../shared/kubernetes/api-client.ts';
import { ApiStatusError } from '../shared/kubernetes/api-status.ts';
import { describeCall } from '../shared/kubernetes/resource-path.ts';

type StoredObject = Record<string, unknown> & { metadata: Record<string, unknown> };

/** In place of an API client where nothing but GET and PATCH of single objects matters; with resourceVersions and their conflicts. */
export class InMemoryObjects implements Pick<ApiClient, 'request'> {
  /** `GET /api/v1/…`, in their order. */
  readonly requests: string[] = [];
  readonly #objects = new Map<string, StoredObject>();
  #version = 0;

  put(path: string, object: Record<string, unknown>): void {
    const metadata = { ...(object.metadata as object), resourceVersion: String(++this.#version) };
    this.#objects.set(path, { ...object, metadata });
  }

  get(path: string): StoredObject | undefined {
    return this.#objects.get(path);
  }

  delete(path: string): void {
    this.#objects.delete(path);
  }

  async request({ method, path, body, contentType }: ApiRequest): Promise<unknown> {
    this.requests.push(`${method} ${path}`);
    const stored = this.#objects.get(path);
    const refuse = (code: number) => new ApiStatusError(describeCall(method, path), { code, reason: '', message: '' });
    if (stored === undefined) throw refuse(404);
    if (method !== 'PATCH') return structuredClone(stored);
    if (contentType === 'application/merge-patch+json') {
      const { metadata, ...rest } = body as StoredObject;
      if (metadata.resourceVersion !== stored.metadata.resourceVersion) throw refuse(409);
      this.put(path, { ...stored, ...rest });
    } else {
      const error = jsonPatch.validate(body as Operation[], stored);
      if (error !== undefined) throw refuse(422);
      this.put(path, jsonPatch.applyPatch(structuredClone(stored), body as Operation[]).newDocument);
    }
    return structuredClone(this.#objects.get(path));
  }
}
