import { isRecord } from '../shared/is-record.ts';
import { podFault, withContainers, workloadFault, workloadKinds } from './pod-shape.ts';

/** What the API server asks, as far as we read it:
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request */
export interface AdmissionRequest {
  uid: string;
  /** Of the object. */
  kind: string;
  /** Where the object will live. The object itself may leave it out. */
  namespace: string;
  operation: string;
  /** The object as it came: typed decoding would drop the fields that it does not know. */
  object: Record<string, unknown>;
  dryRun: boolean;
}

/** What we answer: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  patchType?: 'JSONPatch';
  /** A JSON Patch (RFC 6902), base64. */
  patch?: string;
  status?: { code: number; reason: string; message: string };
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
}

/** One step of our patches. They only add: what others wrote is never replaced or removed. */
export interface AddOperation {
  op: 'add';
  path: string;
  value: unknown;
}

/** What may accompany every answer. */
export interface Remarks {
  /** Shown to who sent the request. Beyond 4096 characters in all the API server cuts each to 256. */
  warnings?: string[];
  /** Written to the audit log under `<webhook name>/<key>`. */
  auditAnnotations?: Record<string, string>;
}

/** The admission request of a body, or why there is none. */
export type DecodedReview = { request: AdmissionRequest } | { malformed: string };

const apiVersion = 'admission.k8s.io/v1';
const kind = 'AdmissionReview';

/** Reads a parsed request body: the admission request in it, or why it holds none. */
export function decodeReview(body: unknown): DecodedReview {
  if (!isRecord(body)) return { malformed: 'the body is not a JSON object' };
  if (body.kind !== kind) return { malformed: `kind is ${quoted(body.kind)}, expected "${kind}"` };
  if (body.apiVersion !== apiVersion) {
    return { malformed: `apiVersion is ${quoted(body.apiVersion)}, expected "${apiVersion}"` };
  }
  if (!isRecord(body.request)) return { malformed: 'request is missing' };
  return decodeRequest(body.request);
}

/** Admits the object as it is. */
export function allowed({ uid }: AdmissionRequest, remarks: Remarks = {}): AdmissionResponse {
  return { uid, allowed: true, ...remarks };
}

/** Admits the object with the patch applied. */
export function patched(
  request: AdmissionRequest,
  operations: readonly AddOperation[],
  remarks: Remarks = {},
): AdmissionResponse {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { ...allowed(request, remarks), patchType: 'JSONPatch', patch };
}

/** Refuses the object; `message` is what `kubectl` shows. Unlike a failed call this holds whatever the failurePolicy says. */
export function denied({ uid }: AdmissionRequest, message: string, remarks: Remarks = {}): AdmissionResponse {
  // metav1.StatusReasonInvalid, with its code.
  return { uid, allowed: false, status: { code: 422, reason: 'Invalid', message }, ...remarks };
}

/** The body of the HTTP answer. */
export function encodeReview(response: AdmissionResponse): object {
  return { apiVersion, kind, response };
}

function decodeRequest(request: Record<string, unknown>): DecodedReview {
  const { uid, kind, namespace, operation, object, dryRun } = request;
  if (typeof uid !== 'string' || uid === '') return { malformed: 'request.uid is missing' };
  if (!isRecord(kind)) return { malformed: 'request.kind is missing' };
  if (typeof operation !== 'string') return { malformed: 'request.operation is missing' };
  const read = readObject(object, { kind, operation });
  if ('malformed' in read) return read;
  return {
    request: {
      uid,
      kind: text(kind.kind),
      namespace: text(namespace),
      operation,
      object: read.object,
      dryRun: dryRun === true,
    },
  };
}

/** What is removed has no new object. */
function readObject(
  given: unknown,
  { kind, operation }: { kind: Record<string, unknown>; operation: string },
): { object: Record<string, unknown> } | { malformed: string } {
  if (!isRecord(given)) {
    return ['CREATE', 'UPDATE'].includes(operation) ? { malformed: 'request.object is missing' } : { object: {} };
  }
  const object = kind.kind === 'Pod' ? withContainers(given) : given;
  const fault = faultOf(object, kind.kind);
  return fault === null ? { object } : { malformed: fault };
}

function faultOf(object: Record<string, unknown>, kind: unknown): string | null {
  if (kind === 'Pod') return podFault(object);
  return workloadKinds.includes(kind) ? workloadFault(object) : null;
}

/** Go leaves empty strings out. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A wrong value for a message, short: the body may be anything. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : 'missing';
}
