import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedAnswerError } from './api-failure.ts';
import { listItems } from './list-items.ts';

async function* cut(body: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length] ?? body.length;
    yield body.subarray(at, at + size);
    at += size;
  }
}

async function read(body: string | Buffer, sizes: readonly number[] = [body.length]) {
  const list = listItems(cut(Buffer.from(body), sizes));
  const items: unknown[] = [];
  for (;;) {
    const step = await list.next();
    if (step.done) return { items, remainder: step.value };
    items.push(step.value);
  }
}

it('yields what JSON.parse finds in "items", however the bytes are cut', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const object = fc.dictionary(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('items', '"items":[{', '\\')),
    value,
  );
  const list = fc.record({
    before: value,
    metadata: fc.record({ resourceVersion: fc.string({ unit: 'binary' }), items: fc.array(object) }),
    items: fc.array(object),
    after: value,
  });
  const indent = fc.constantFrom(0, 1);
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

  await fc.assert(
    fc.asyncProperty(list, indent, sizes, async (body, spaces, chunkSizes) => {
      const text = JSON.stringify(body, undefined, spaces);
      const parsed = JSON.parse(text) as typeof body;

      expect(await read(text, chunkSizes)).toEqual({
        items: parsed.items,
        remainder: { resourceVersion: parsed.metadata.resourceVersion },
      });
    }),
    { numRuns: 300 },
  );
});

it('keeps a multi-byte character whole that is cut between chunks', async () => {
  const item = { metadata: { name: 'ü€😀' }, data: { 'key{': '}"\\"[' } };

  const { items } = await read(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [item] }), [1]);

  expect(items).toEqual([item]);
});

it('returns the resourceVersion and the token of the next page', async () => {
  const body = '{"kind":"ConfigMapList","metadata":{"resourceVersion":"7","continue":"abc"},"items":[{},{}]}';

  expect(await read(body)).toEqual({ items: [{}, {}], remainder: { resourceVersion: '7', continueToken: 'abc' } });
});

it('finds metadata behind the items, too', async () => {
  expect((await read('{"items":[{"a":1}],"metadata":{"resourceVersion":"7"}}')).remainder).toEqual({
    resourceVersion: '7',
  });
});

it.each([['null'], ['[]'], ['[ ]']])('has no items when they are %s', async (items) => {
  const { items: found } = await read(`{"metadata":{"resourceVersion":"7","continue":""},"items":${items}}`);

  expect(found).toEqual([]);
});

it('is not misled by another key "items"', async () => {
  const body =
    '{"metadata":{"resourceVersion":"7","items":[{"a":1}]},"x":["items",[{"b":1}]],"items":[{"items":[{"c":1}]}]}';

  expect((await read(body)).items).toEqual([{ items: [{ c: 1 }] }]);
});

it('fails wherever the body is cut off', async () => {
  const body = '{"metadata":{"resourceVersion":"7"},"items":[{"a":"b"},{"c":[{}]}]}';

  for (let length = 0; length < body.length; length++) {
    await expect(read(body.slice(0, length), [3])).rejects.toThrow(MalformedAnswerError);
  }
});

it.each([
  ['[]'],
  ['{}'],
  ['"items"'],
  ['<html></html>'],
  ['{"kind":"Status","metadata":{}}'],
  ['{"metadata":{"resourceVersion":"7"},"items":{}}'],
  ['{"metadata":{"resourceVersion":"7"},"items":[1]}'],
  ['{"metadata":{"resourceVersion":"7"},"items":[{}{}]}'],
])('refuses %s, which is no list', async (body) => {
  await expect(read(body)).rejects.toThrow(MalformedAnswerError);
});

it('quotes nothing of an item that it cannot parse', async () => {
  const failure = await read('{"metadata":{"resourceVersion":"7"},"items":[{"password":hunter2}]}').catch(
    (error: unknown) => error,
  );

  expect(failure).toEqual(new MalformedAnswerError('the API server sent 20 characters that are no JSON document'));
  expect((failure as Error).cause).toBeUndefined();
});
