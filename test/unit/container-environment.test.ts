import { describe, expect, it } from '@jest/globals';
import { containerEnvironment } from '../product/container-environment.ts';

const podName = 'jenkins-0';
const podNameVariable = { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

function secretVariable(key: string): object {
  return { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key, optional: true } } };
}

type Env = NonNullable<Parameters<typeof containerEnvironment>[0]['env']>;

describe('the environment of a container', () => {
  it.each<[string, object[], Record<string, string>]>([
    ['has a value as it is', [{ name: 'A', value: 'a b' }, { name: 'B' }], { A: 'a b', B: '' }],
    [
      'has what stands before for $(NAME)',
      [podNameVariable, { name: 'URL', value: 'http://x/?token=$(POD_NAME)' }],
      { POD_NAME: podName, URL: 'http://x/?token=jenkins-0' },
    ],
    [
      'keeps $(NAME) where it comes too early',
      [{ name: 'URL', value: '$(POD_NAME)' }, podNameVariable],
      { URL: '$(POD_NAME)', POD_NAME: podName },
    ],
    [
      'has $ for $$',
      [podNameVariable, { name: 'A', value: '$$(POD_NAME) $5' }],
      { POD_NAME: podName, A: '$(POD_NAME) $5' },
    ],
    [
      'has the last of several values',
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
      { A: '2' },
    ],
    [
      'has the value so far for $(NAME), also of several',
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)' },
        { name: 'A', value: '2' },
      ],
      { A: '2', B: '1' },
    ],
    ['has the value of a Secret', [secretVariable('password')], { PASSWORD: 'secret' }],
    ['lacks the optional value of a Secret that is not there', [secretVariable('nothing')], {}],
  ])('%s', (_behaviour, env, expected) => {
    const secrets = { 'grafana/password': 'secret' };

    expect(containerEnvironment({ env: env as Env }, { podName, secrets })).toEqual(expected);
  });

  it('has the service links, which its own values replace', () => {
    const serviceLinks = { A_PORT: 'tcp://10.96.0.1:80', B_PORT: 'tcp://10.96.0.2:80' };
    const env = [
      { name: 'A_PORT', value: '80' },
      { name: 'B', value: '$(B_PORT)' },
    ];

    expect(containerEnvironment({ env }, { podName, serviceLinks })).toEqual({
      ...serviceLinks,
      A_PORT: '80',
      B: 'tcp://10.96.0.2:80',
    });
  });

  it('can not be told where a value comes from elsewhere', () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: 'y' } } }];

    expect(() => containerEnvironment({ env }, { podName })).toThrow('no value for A');
  });
});
