/** One request on the way to the answer. */
export interface Hop {
  /** Without userinfo and fragment. */
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  /** Whether a body given to the first request still goes along. */
  readonly hasBody: boolean;
  /** Whether this is still the scheme, host and port that the request was meant for, so that credentials may be sent. */
  readonly isFirstOrigin: boolean;
}

const redirects = [301, 302, 303, 307, 308];
// These turn a POST into a GET, the first two by custom: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
const toGet = [301, 302, 303];

/** The first request to a URL; userinfo and fragment are left out. */
export function firstHop(url: string, method: Hop['method'], hasBody: boolean): Hop {
  return { url: asSent(new URL(url)), method, hasBody, isFirstOrigin: true };
}

/**
 * Where an answer leads on to: null where it doesn't, and undefined where it should but names no http or https URL. What leaves the
 * first origin once gets no credentials any more, even on its way back.
 */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | null | undefined {
  if (!redirects.includes(status) || location === undefined) return null;
  const url = URL.parse(location, hop.url.href);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const becomesGet = toGet.includes(status);
  return {
    url: asSent(url),
    method: becomesGet ? 'GET' : hop.method,
    hasBody: hop.hasBody && !becomesGet,
    isFirstOrigin: hop.isFirstOrigin && url.origin === hop.url.origin,
  };
}

function asSent(url: URL): URL {
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}
