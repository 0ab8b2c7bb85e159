import { describe, expect, it } from '@jest/globals';
import { annotationNaming, environmentNaming } from './naming.ts';
import { fillPayloadTemplate, payloadProblems, payloadTemplate } from './payload-template.ts';
import { describeProblem } from './problem.ts';
import { readSettings } from './read-settings.ts';
import { sidecarSettings } from './sidecar-settings.ts';

const facts = {
  sync: 'a "b" $& {{written}}',
  written: ['/x/1', '/x/"2"'],
  removed: [],
  objects: ['configmap/x/a'],
  complete: false,
};

function problems(entries: Record<string, string>): string[] {
  const given = { LABEL: 'x', FOLDER: '/x', REQ_METHOD: 'POST', REQ_URL: 'http://a', ...entries };
  const reading = readSettings(sidecarSettings, [{ naming: environmentNaming, entries: given }]);
  const found = reading.settings ? payloadProblems(reading.settings.syncs, environmentNaming) : reading.problems;
  return found.map(describeProblem);
}

describe('payload template', () => {
  it('becomes JSON with the facts in it, whatever they are', () => {
    const template =
      '{"text": "}} {", "a": {{sync}}, "b":{{ written }}, "c":[{{removed}},{{objects}}], "d":{"e":{{complete}}}}';
    expect(JSON.parse(fillPayloadTemplate(template, facts))).toEqual({
      text: '}} {',
      a: facts.sync,
      b: facts.written,
      c: [[], facts.objects],
      d: { e: false },
    });
  });

  it.each(['{{written}}', '"plain"', ' {"a": {{sync}}}\n', '[{{complete}}, 1]', '{"a":{"b":{"c":1}}}'])(
    'is kept as it is given: %s',
    (template) => {
      expect([payloadTemplate.parse(template), payloadTemplate.print(template)]).toEqual([template, template]);
    },
  );

  it.each([
    '{"a": "changed: {{written}}"}',
    '{"a": "complete: {{complete}}"}',
    '{"a": "{{sync}}"}',
    '{"{{sync}}": 1}',
    '{{{written}}: 1}',
    '{"a": {{sync}}',
    'reload {{sync}}',
  ])('is not accepted as %s, which is no JSON once filled', (template) => {
    expect(problems({ REQ_PAYLOAD_TEMPLATE: template })).toEqual([
      'REQ_PAYLOAD_TEMPLATE: is no JSON once values are put in; accepts JSON with {{sync}}, {{written}}, {{removed}}, {{objects}}, {{complete}} in place of values, not within texts',
    ]);
  });

  it('is not accepted with a placeholder that does not exist, and the nearest one is told, nothing else', () => {
    const [nearest, none] = ['{"secret": {{wirtten}}}', '{"secret": {{secret}}}'].flatMap((template) =>
      problems({ REQ_PAYLOAD_TEMPLATE: template }),
    );
    const problem =
      'REQ_PAYLOAD_TEMPLATE: has a placeholder that does not exist; accepts JSON with {{sync}}, {{written}}, {{removed}}, {{objects}}, {{complete}} in place of values, not within texts';
    expect([nearest, none]).toEqual([`${problem}; did you mean {{written}}?`, problem]);
  });

  // An expression that can divide the spaces in several ways takes hours for this many, and never comes to the expectation.
  it('is refused at once when it is made to hold up the parser', () => {
    const problem = { fault: 'is no JSON once values are put in' };
    for (const given of [`{{${' '.repeat(100_000)}`, '{{ '.repeat(30_000), '{'.repeat(100_000)]) {
      expect([payloadTemplate.parse(given), payloadTemplate.explain?.(given)]).toEqual([undefined, problem]);
    }
  });

  it('can not be set besides a payload for one sync', () => {
    const both = { REQ_PAYLOAD: 'word', REQ_PAYLOAD_TEMPLATE: '{{sync}}' };
    expect(problems(both)).toEqual(["REQ_PAYLOAD_TEMPLATE: can't be sent besides REQ_PAYLOAD; accepts one of the two"]);
    const syncs = { SYNCS: 'a,b', A__FOLDER: '/a', A__REQ_PAYLOAD: 'word', B__REQ_PAYLOAD_TEMPLATE: '{{sync}}' };
    expect(problems(syncs)).toEqual([]);
  });

  it('can not be sent by a GET', () => {
    const settings = {
      REQ_PAYLOAD_TEMPLATE: '1',
      REQ_PAYLOAD: undefined,
      REQ_METHOD: 'GET',
      REQ_URL: 'http://a',
    } as const;
    expect(payloadProblems([{ name: 'b', settings }], annotationNaming).map(describeProblem)).toEqual([
      "b.sync-sidecar.io/req-payload-template: can't be sent by a GET; accepts it together with b.sync-sidecar.io/req-method=POST",
    ]);
    expect(payloadProblems([{ name: 'b', settings: { ...settings, REQ_URL: undefined } }], annotationNaming)).toEqual(
      [],
    );
  });
});
