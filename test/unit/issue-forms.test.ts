import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const paths = globSync('.github/ISSUE_TEMPLATE/*.yaml', { cwd: root }).sort();

/** https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema */
interface Element {
  readonly type: string;
  readonly id?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly validations?: object;
}

function bodyOf(path: string): Element[] {
  return (parse(readFileSync(join(root, path), 'utf8')) as { body: Element[] }).body;
}

/** By type: what an element has to have, and what else it may. */
const attributes: Readonly<Record<string, readonly [needed: string, ...others: string[]]>> = {
  markdown: ['value'],
  textarea: ['label', 'description', 'placeholder', 'value', 'render'],
  input: ['label', 'description', 'placeholder', 'value'],
  dropdown: ['label', 'description', 'multiple', 'options', 'default'],
};

describe.each(paths)('the issue form %s', (path) => {
  it('has a name and a description, and nothing that GitHub does not know', () => {
    const form = parse(readFileSync(join(root, path), 'utf8')) as object;

    expect(form).toEqual({
      name: expect.any(String),
      description: expect.any(String),
      labels: [expect.any(String)],
      body: expect.any(Array),
    });
  });

  it('has elements with the attributes of their type', () => {
    for (const element of bodyOf(path)) {
      const [needed, ...others] = attributes[element.type] ?? [''];
      expect(Object.keys(element.attributes)).toContain(needed);
      expect([needed, ...others]).toEqual(expect.arrayContaining(Object.keys(element.attributes)));
      expect(element.validations ?? { required: true }).toEqual({ required: true });
    }
  });

  it('asks each question once, and needs an answer to some', () => {
    const questions = bodyOf(path).filter(({ type }) => type !== 'markdown');
    const ids = questions.map(({ id }) => id);

    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).not.toContain(undefined);
    expect(questions.filter(({ validations }) => validations !== undefined)).not.toEqual([]);
  });
});

it('who reports a bug is asked for versions, objects and logs, and to leave secrets out', () => {
  const bug = bodyOf('.github/ISSUE_TEMPLATE/bug.yaml');
  const ids = ['version', 'kubernetes', 'pod', 'configuration', 'sidecar-log', 'webhook-log'];

  expect(bug.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  expect(bug[0]?.attributes.value).toContain('take out what is secret');
});
