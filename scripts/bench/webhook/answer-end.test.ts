import { describe, expect, it } from '@jest/globals';
import { statusWhenComplete } from './answer-end.ts';

describe('the end of an answer', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', 200],
    ['HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n', 500],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n', 200],
    ['HTTP/1.1 200 OK\r\nContent-Len', undefined],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}', undefined],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n', undefined],
  ])('of %j: %s', (received, status) => {
    expect(statusWhenComplete(received)).toBe(status);
  });
});
