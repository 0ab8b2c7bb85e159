/** The forms in which a secret stands in a text: as it is, in JSON, URL-encoded, or in base64 wherever it begins in what was encoded. */
export function leaksOf(secret: string, text: string): string[] {
  const forms: [string, string][] = [
    ['raw', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(secret)],
    ['URL-encoded, as a URL prints it', new URL(`http://x/?${secret.replaceAll('#', '%23')}`).search.slice(1)],
    ...[0, 1, 2].map((offset): [string, string] => [`base64 at ${offset}`, base64At(secret, offset)]),
    ...[0, 1, 2].map((offset): [string, string] => [`base64url at ${offset}`, base64At(secret, offset, 'base64url')]),
  ];
  return forms.filter(([, form]) => text.includes(form)).map(([name]) => name);
}

/** The characters that are the same whatever stands before (a number of bytes with this rest) and behind the secret. */
function base64At(secret: string, offset: number, encoding: 'base64' | 'base64url' = 'base64'): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return bytes.toString(encoding).slice(first, last);
}
