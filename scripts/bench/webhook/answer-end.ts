/** The status of an HTTP/1.1 answer once all of it has come, undefined before. */
export function statusWhenComplete(received: string): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0 || !isComplete(received, headEnd)) return undefined;
  // HTTP/1.1 200 OK
  return Number(received.slice(9, 12));
}

/** https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length; nobody sends trailers in answer to a review. */
function isComplete(received: string, headEnd: number): boolean {
  const head = received.slice(0, headEnd);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return received.length >= headEnd + 4 + Number(length);
  return received.endsWith('\r\n0\r\n\r\n');
}
