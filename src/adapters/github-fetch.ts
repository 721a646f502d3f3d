/** An answer led to a host that is not the one the operator named. Nothing was sent there. */
export class OtherHost extends Error {
  readonly host: string;
  constructor(host: string) {
    super(`an answer led to another host, ${host}; nothing was sent there`);
    this.host = host;
  }
}

const mostRedirects = 5;

/** `fetch` for one origin: a redirect, a link to the next page or any other address that leads elsewhere is refused before a
 *  request is made, since each request carries the credentials.
 *  @param api  the REST root
 *  @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects */
export function fetchWithin(api: string, send: typeof fetch): typeof fetch {
  const { origin } = new URL(api);
  return async (input, init = {}) => {
    let url = new URL(input instanceof Request ? input.url : input);
    let { method = 'GET', body = null } = init;
    for (let hop = 0; ; hop++) {
      if (url.origin !== origin) throw new OtherHost(url.host);
      const response = await send(url, { ...init, method, body, redirect: 'manual' });
      const location = response.headers.get('location');
      const { status } = response;
      if (![301, 302, 303, 307, 308].includes(status) || location === null || hop === mostRedirects)
        return response;
      await response.body?.cancel();
      url = new URL(location, url);
      // https://fetch.spec.whatwg.org/#http-redirect-fetch
      if (status === 303 || (status < 303 && method.toUpperCase() === 'POST')) [method, body] = ['GET', null];
    }
  };
}
