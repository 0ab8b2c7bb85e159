import { describe, expect, it } from '@jest/globals';
import { annotationNaming } from '../shared/settings/naming.ts';
import { describeProblem } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import { podSettings } from './pod-settings.ts';
import { variableSources } from './variable-sources.ts';

describe('environment variables from ConfigMaps and Secrets', () => {
  it('are a list of names and keys', () => {
    const given =
      'HTTPS_PROXY=configmap/proxy/https, NODE_EXTRA_CA_CERTS=ConfigMap/ca/path,\n _token=secret/my.app/API-token,';
    const value = [
      { variable: 'HTTPS_PROXY', kind: 'configmap', name: 'proxy', key: 'https' },
      { variable: 'NODE_EXTRA_CA_CERTS', kind: 'configmap', name: 'ca', key: 'path' },
      { variable: '_token', kind: 'secret', name: 'my.app', key: 'API-token' },
    ] as const;

    expect(variableSources.parse(given)).toEqual(value);
    expect(variableSources.parse(variableSources.print(value))).toEqual(value);
  });

  it.each([
    'HTTPS_PROXY=http://proxy',
    'HTTPS_PROXY=proxy/https',
    'HTTPS_PROXY=pod/proxy/https',
    'HTTPS_PROXY=configmap/proxy',
    'HTTPS_PROXY=configmap/x/proxy/https',
    'HTTPS_PROXY=configmap/Proxy/https',
  ])('of another form are refused by their variables: %s', (item) => {
    const given = `NO_PROXY=configmap/proxy/no,${item}`;

    expect(variableSources.parse(given)).toBeUndefined();
    expect(variableSources.explain?.(given)).toEqual({ fault: 'HTTPS_PROXY comes from no key of an object' });
  });

  it.each([
    'HTTPS_PROXY',
    'HTTPS PROXY=configmap/proxy/https',
    '1PROXY=configmap/proxy/https',
    'a-b=configmap/proxy/https',
  ])('without a variable are refused by their places: %s', (item) => {
    const given = `NO_PROXY=configmap/proxy/no,${item}`;

    expect(variableSources.parse(given)).toBeUndefined();
    expect(variableSources.explain?.(given)).toEqual({ fault: 'item 2 is of another form' });
  });

  it('are refused without showing a value that stands in their place', () => {
    const entries = ourAnnotations({ label: 'a', folder: '/a', 'env-from': 'TOKEN=s3cr3t,part=of/it, more' });
    const { problems } = readSettings(podSettings, [{ naming: annotationNaming, entries }]);

    expect(problems.map(describeProblem)).toEqual([
      `sync-sidecar.io/env-from: TOKEN comes from no key of an object, and item 2 is of another form, and item 3 is of another form; accepts ${variableSources.accepts}`,
    ]);
  });

  it.each([...Object.keys(sidecarSettings.process), ...Object.keys(sidecarSettings.sync)])(
    'can not be a setting, which would go past its checks: %s',
    (variable) => {
      expect(variableSources.parse(`${variable}=secret/a/b`)).toBeUndefined();
      expect(variableSources.explain?.(`${variable}=secret/a/b`)).toEqual({
        fault: `${variable} is a setting of the sidecar`,
      });
    },
  );

  it.each(['DASHBOARDS__REQ_URL', 'X__LABEL', 'A__UNKNOWN', '__'])(
    'can not be one of a sync either: %s',
    (variable) => {
      expect(variableSources.parse(`${variable}=secret/a/b`)).toBeUndefined();
      expect(variableSources.explain?.(`${variable}=secret/a/b`)).toEqual({
        fault: `${variable} is spelled as a setting of one sync`,
      });
    },
  );

  it.each([
    'NODE_OPTIONS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'LD_PRELOAD',
    'OPENSSL_CONF',
    'KUBERNETES_SERVICE_HOST',
    'HOME',
    'PATH',
  ])('can not make another program of the sidecar: %s', (variable) => {
    expect(variableSources.parse(`${variable}=secret/a/b`)).toBeUndefined();
    expect(variableSources.explain?.(`${variable}=secret/a/b`)).toEqual({
      fault: `${variable} changes how the sidecar is run, or whom it trusts`,
    });
  });

  it.each(['HOMEPAGE', 'PATHS', 'NODE', 'TZ', 'https_proxy', 'label'])('may be any other: %s', (variable) => {
    expect(variableSources.parse(`${variable}=secret/a/b`)).toHaveLength(1);
  });

  // Who looks for each name among all the others takes minutes for this many.
  it('are told to be there twice among however many', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `A${index}=secret/a/b`);

    expect(variableSources.explain?.([...names, 'A7=secret/c/d'].join())).toEqual({ fault: 'has A7 twice' });
  });

  it('are refused with everything that is wrong with them', () => {
    const given = 'A=secret/a/b,A=secret/a/c,LABEL=secret/a/b,SYNC_SIDECAR_INJECTED=configmap/a/b,B';

    expect(variableSources.explain?.(given)).toEqual({
      fault:
        'item 5 is of another form, and has A twice, and LABEL is a setting of the sidecar, and SYNC_SIDECAR_INJECTED is set by the injection',
    });
    expect(variableSources.parse(',')).toBeUndefined();
  });
});
