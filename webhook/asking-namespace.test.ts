import { describe, expect, it } from '@jest/globals';
import { emptyConfiguration } from './configuration/configuration.ts';
import { decide, type Decision } from './decision.ts';

/** The decision on a pod with these annotations, in a namespace whose label says `true`. */
function decidePod(annotations: Record<string, string>): Decision {
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
  return decide(pod, { namespace: 'shop', namespaceLabel: 'true', configuration: emptyConfiguration, image: 'x' });
}

describe('a refusal in a namespace that asks', () => {
  it('begins with who asked, and with how to leave a pod out: who wrote a plain pod may not know of us', () => {
    expect(decidePod({})).toEqual({
      outcome: 'refuse',
      reason: 'invalid-settings',
      message: `the namespace asks for the sidecar (label sync-sidecar.io/inject=true, profile default); the annotation sync-sidecar.io/inject: "false" leaves a pod out
2 problems with the settings:
  sync-sidecar.io/label: is required and not set; accepts a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"
  sync-sidecar.io/folder: is required and not set; accepts an absolute path, such as /etc/dashboards`,
    });
  });

  it('says nothing of it to a pod that asks itself', () => {
    expect(decidePod({ 'sync-sidecar.io/inject': 'true' })).toMatchObject({
      outcome: 'refuse',
      message: expect.stringMatching(/^2 problems with/),
    });
  });
});
