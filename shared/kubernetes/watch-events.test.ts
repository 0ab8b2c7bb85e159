import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedAnswerError } from './api-failure.ts';
import { watchEvents } from './watch-events.ts';

async function read(text: string, size: number): Promise<unknown[]> {
  const body = Buffer.from(text);
  async function* cut(): AsyncGenerator<Buffer> {
    for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
  }
  const events: unknown[] = [];
  for await (const event of watchEvents(cut())) events.push(event);
  return events;
}

const event = fc.record({
  type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'),
  object: fc.record({ data: fc.dictionary(fc.string(), fc.string({ unit: 'binary' })) }, { noNullPrototype: true }),
});

it('yields each event once, in order, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event), fc.integer({ min: 1, max: 64 }), async (events, size) => {
      const lines = events.map((each) => `${JSON.stringify(each)}\n`);

      expect(await read(lines.join(''), size)).toEqual(lines.map((line): unknown => JSON.parse(line)));
    }),
  );
});

it.each([
  ['ends within an event', '{"type":"ADDED","obj'],
  ['sends a type that is not known', '{"type":"RENAMED","object":{}}\n'],
  ['sends a line that is no object', 'null\n'],
  ['sends a line that is no JSON', 'oops\n'],
])('fails when the watch %s', async (_, text) => {
  await expect(read(text, 1024)).rejects.toThrow(MalformedAnswerError);
});
