import { describe, expect, it } from 'vitest';
import { fetchWithin, OtherHost } from '../../src/adapters/github-fetch.ts';

const api = 'https://ghes.example.com/api/v3';

/** Answers by address, and every request that was made. */
function network(answers: Readonly<Record<string, Response>>) {
  const requests: string[] = [];
  const send = (input: string | URL | Request, init: RequestInit = {}) => {
    const url = input instanceof Request ? input.url : input.toString();
    requests.push(`${init.method ?? 'GET'} ${url} ${new Headers(init.headers).get('authorization') ?? ''}`);
    return Promise.resolve(answers[url] ?? new Response('{}'));
  };
  return { requests, fetch: fetchWithin(api, send) };
}

const redirect = (status: number, location: string) => new Response(null, { status, headers: { location } });
const headers = { authorization: 'token secret' };

describe('requests go to one host:', () => {
  it('a redirect within it is followed, as for a repository that was renamed', async () => {
    const { fetch, requests } = network({
      [`${api}/repos/acme/old`]: redirect(301, '/api/v3/repositories/7'),
    });

    expect((await fetch(`${api}/repos/acme/old`, { headers })).status).toBe(200);
    expect(requests).toEqual([
      `GET ${api}/repos/acme/old token secret`,
      `GET ${api}/repositories/7 token secret`,
    ]);
  });

  it.each([301, 302, 303, 307, 308])(
    'a redirect %i to another is refused before anything is sent',
    async (status) => {
      for (const other of [
        'https://evil.example/',
        'http://ghes.example.com/',
        'https://ghes.example.com:8443/',
        '//evil.example',
      ]) {
        const { fetch, requests } = network({ [`${api}/user`]: redirect(status, other) });

        await expect(fetch(`${api}/user`, { headers })).rejects.toThrow(OtherHost);
        expect(requests).toHaveLength(1);
      }
    },
  );

  it('an address from an answer, such as that of the next page, is refused when it is of another', async () => {
    const { fetch, requests } = network({});

    await expect(fetch('https://evil.example/api/v3/issues?page=2', { headers })).rejects.toThrow(
      'evil.example',
    );
    expect(requests).toEqual([]);
  });

  it('a redirect that goes on for ever ends', async () => {
    const { fetch, requests } = network({ [`${api}/a`]: redirect(302, `${api}/a`) });

    expect((await fetch(`${api}/a`)).status).toBe(302);
    expect(requests.length).toBeLessThan(10);
  });

  it('a request that was redirected to be read again carries no body', async () => {
    const bodies: unknown[] = [];
    const fetch = fetchWithin(api, (input, init) => {
      bodies.push(init?.body ?? null);
      const url = input instanceof Request ? input.url : input.toString();
      return Promise.resolve(url.endsWith('/a') ? redirect(303, `${api}/b`) : new Response('{}'));
    });

    await fetch(`${api}/a`, { method: 'POST', body: 'text' });

    expect(bodies).toEqual(['text', null]);
  });
});
