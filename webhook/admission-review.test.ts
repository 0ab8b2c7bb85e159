import { describe, expect, it } from '@jest/globals';
import { allowed, decodeReview, denied, encodeReview, patched } from './admission-review.ts';
import type { AdmissionRequest } from './admission-review.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-' }, spec: { fieldOfTomorrow: [1] } };

const wireRequest = {
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  namespace: 'shop',
  operation: 'CREATE',
  userInfo: { username: 'admin', groups: ['system:masters'], extra: { key: ['value'] } },
  object: pod,
  oldObject: null,
  dryRun: true,
};

const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: wireRequest };

const request: AdmissionRequest = {
  uid: wireRequest.uid,
  kind: 'Pod',
  namespace: 'shop',
  operation: 'CREATE',
  object: pod,
  dryRun: true,
};

describe('decodeReview', () => {
  it('reads the request and keeps the object as it came', () => {
    expect(decodeReview(review)).toEqual({ request });
  });

  it('reads a request without the fields that Go leaves out when empty', () => {
    const { namespace: _1, dryRun: _2, userInfo: _3, ...rest } = wireRequest;

    expect(decodeReview({ ...review, request: { ...rest, kind: { version: 'v1', kind: 'Pod' } } })).toEqual({
      request: { ...request, namespace: '', dryRun: false },
    });
  });

  it('reads a request for something that is removed, which has no object', () => {
    const removed = { ...wireRequest, operation: 'DELETE', object: null, oldObject: pod };

    expect(decodeReview({ ...review, request: removed })).toEqual({
      request: { ...request, operation: 'DELETE', object: {} },
    });
  });

  it('takes an object of another kind as it is', () => {
    const other = { ...wireRequest, kind: { group: 'apps', version: 'v1', kind: 'ReplicaSet' }, object: { spec: 1 } };

    expect(decodeReview({ ...review, request: other })).toMatchObject({ request: { object: { spec: 1 } } });
  });

  it.each([
    [undefined, 'the body is not a JSON object'],
    [null, 'the body is not a JSON object'],
    [[review], 'the body is not a JSON object'],
    ['review', 'the body is not a JSON object'],
    [{}, 'kind is missing, expected "AdmissionReview"'],
    [pod, 'kind is "Pod", expected "AdmissionReview"'],
    [
      { ...review, apiVersion: 'admission.k8s.io/v1beta1' },
      'apiVersion is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
    ],
    [{ ...review, apiVersion: 1 }, 'apiVersion is missing, expected "admission.k8s.io/v1"'],
    [{ ...review, request: undefined }, 'request is missing'],
    [{ ...review, request: { ...wireRequest, uid: '' } }, 'request.uid is missing'],
    [{ ...review, request: { ...wireRequest, kind: 'Pod' } }, 'request.kind is missing'],
    [{ ...review, request: { ...wireRequest, operation: undefined } }, 'request.operation is missing'],
    [{ ...review, request: { ...wireRequest, object: null } }, 'request.object is missing'],
    [{ ...review, request: { ...wireRequest, object: { spec: 1 } } }, 'request.object.spec is not an object'],
  ])('says why %j is no review', (body, malformed) => {
    expect(decodeReview(body)).toEqual({ malformed });
  });

  const asJob = { metadata: { annotations: { 'sync-sidecar.io/inject': 5 } } };

  it.each<[string, object, string]>([
    ['Deployment', { metadata: { annotations: [] } }, 'metadata.annotations is not an object'],
    ['Deployment', { metadata: null }, 'metadata is not an object'],
    ['StatefulSet', { spec: null }, 'spec is not an object'],
    ['DaemonSet', { spec: { template: null } }, 'spec.template is not an object'],
    ['Job', { spec: { template: { spec: null } } }, 'spec.template.spec is not an object'],
    [
      'CronJob',
      { spec: { jobTemplate: { spec: { template: asJob } } } },
      'spec.jobTemplate.spec.template.metadata.annotations["sync-sidecar.io/inject"] is not a text',
    ],
  ])('says why there is no %s in %j', (kind, object, fault) => {
    const request = { ...wireRequest, kind: { group: 'apps', version: 'v1', kind }, object };

    expect(decodeReview({ ...review, request })).toEqual({ malformed: `request.object.${fault}` });
  });

  it('cuts what it quotes', () => {
    expect(decodeReview({ kind: 'x'.repeat(1000) })).toEqual({
      malformed: `kind is "${'x'.repeat(100)}", expected "AdmissionReview"`,
    });
  });
});

describe('the answers', () => {
  it('allow', () => {
    expect(allowed(request, { warnings: ['mind the gap'], auditAnnotations: { reason: 'not-asked' } })).toEqual({
      uid: request.uid,
      allowed: true,
      warnings: ['mind the gap'],
      auditAnnotations: { reason: 'not-asked' },
    });
  });

  it('patch, also beyond ASCII', () => {
    const operations = [{ op: 'add', path: '/metadata/annotations', value: { greeting: 'grüß dich' } }] as const;

    const { patch = '', ...rest } = patched(request, operations);

    expect(rest).toEqual({ uid: request.uid, allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toEqual(operations);
  });

  it('deny', () => {
    expect(denied(request, 'label is missing', { warnings: ['see the docs'] })).toEqual({
      uid: request.uid,
      allowed: false,
      status: { code: 422, reason: 'Invalid', message: 'label is missing' },
      warnings: ['see the docs'],
    });
  });

  it('are wrapped in a review of the version that asked', () => {
    expect(encodeReview(allowed(request))).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request.uid, allowed: true },
    });
  });
});
