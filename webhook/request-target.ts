import type { RequestListener } from 'node:http';

/**
 * Answers by 400 what asks for anything but a path, as no client of a webhook does, before `app` sees it: Express would take it to
 * `url.parse()`, of which Node warns (DEP0169).
 */
export function refuseOddTargets(app: RequestListener): RequestListener {
  return (request, response) => {
    if (originForm.test(request.url ?? '')) return app(request, response);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'the target of the request is no path' }));
  };
}

// https://datatracker.ietf.org/doc/html/rfc9112#section-3.2.1: a path, perhaps a query; no space, no fragment, nothing beyond ASCII.
const originForm = /^\/[!"$-~]*$/;
