import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../../src/adapters/github-client.ts';
import { FakeClock } from '../fakes/clock.ts';

let folder: string;
let server: Server;
let clock: FakeClock;
let asked: string[];
/** What the server does with each request in turn; the last one for all that follow. */
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-client-'));
  clock = new FakeClock();
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

function client(token = 'ghs_secret') {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return connect({
    api: `http://127.0.0.1:${String(port)}/api/v3`,
    cacheDirectory: folder,
    credentials: { kind: 'token', token },
    limits: {
      concurrency: 1,
      secondsBetweenWrites: 1,
      creationsPerMinute: 80,
      creationsPerHour: 500,
      pointsPerMinute: 900,
      patienceSeconds: 600,
    },
    clock,
    onWait: () => undefined,
    network: { fetch, environment: {}, settings: [] },
  });
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  };
const place = { owner: 'acme', repo: 'shop' };
const wanted = { ...place, head: 'a', base: 'main', title: 'x' };
const get = () => client().rest.repos.get(place);

it('asks again for what failed in passing: a second later, then two', async () => {
  answers = [json(502, {}), json(503, {}), json(200, { full_name: 'acme/shop' })];

  expect((await get()).data.full_name).toBe('acme/shop');
  expect(asked).toHaveLength(3);
  expect(clock.slept).toBe(3000);
});

it.each([
  ['a connection that is cut', (request: IncomingMessage) => void request.socket.destroy()],
  [
    'an answer that is cut short',
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end('{"full_name": "acme/sh');
    },
  ],
  [
    'an answer that ends before its length',
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': '1000',
      });
      response.write('{"full_name"', () => void response.destroy());
    },
  ],
])('takes %s for a passing failure', async (_, fail) => {
  answers = [fail, json(200, { full_name: 'acme/shop' })];

  expect((await get()).data.full_name).toBe('acme/shop');
});

it('gives up after three tries', async () => {
  answers = [json(500, { message: 'oops' })];

  await expect(get()).rejects.toThrow(/oops/);
  expect(asked).toHaveLength(3);
});

it.each([401, 403, 404, 409, 410, 422])('takes %i for an answer', async (status) => {
  answers = [json(status, { message: 'no' })];

  await expect(get()).rejects.toThrow(/no/);
  expect(asked).toHaveLength(1);
});

it('never sends a second time what may have created something', async () => {
  answers = [json(502, {})];

  await expect(client().rest.pulls.create(wanted)).rejects.toThrow();
  await expect(
    client().rest.issues.createComment({ ...place, issue_number: 1, body: 'x' }),
  ).rejects.toThrow();
  expect(asked).toEqual([
    'POST /api/v3/repos/acme/shop/pulls',
    'POST /api/v3/repos/acme/shop/issues/1/comments',
  ]);
});

it('sends again in its turn what was refused for a limit', async () => {
  const limited = json(
    403,
    { message: 'You have exceeded a secondary rate limit.' },
    { 'retry-after': '30' },
  );
  answers = [limited, json(201, { number: 1 })];

  expect((await client().rest.pulls.create(wanted)).data.number).toBe(1);
  expect(clock.slept).toBe(30_000);
});

it('does not go on for ever with a host that refuses for no time at all', async () => {
  answers = [json(429, { message: 'slow down' }, { 'retry-after': '0' })];

  await expect(get()).rejects.toThrow(/slow down/);
  expect(asked.length).toBeLessThan(10);
});

it('asks whether an answer still holds, and uses what it has when it does', async () => {
  const tags: (string | undefined)[] = [];
  const whole = json(200, { full_name: 'acme/shop' }, { etag: '"one"' });
  answers = [
    whole,
    (request, response) => {
      tags.push(request.headers['if-none-match']);
      response.writeHead(304).end();
    },
    json(200, { full_name: 'acme/renamed' }, { etag: '"two"' }),
  ];

  expect((await get()).data.full_name).toBe('acme/shop');
  expect(await get()).toMatchObject({ status: 200, data: { full_name: 'acme/shop' } });
  expect((await get()).data.full_name).toBe('acme/renamed');
  expect(tags).toEqual(['"one"']);
});

it('keeps answers where only their owner reads them, without a token, and lives with broken ones', async () => {
  answers = [json(200, { full_name: 'acme/shop' }, { etag: '"one"' })];
  await get();

  const [name = ''] = readdirSync(join(folder, 'answers'));
  const file = join(folder, 'answers', name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain('ghs_secret');
  writeFileSync(file, '{"etag": "o');
  expect((await get()).data.full_name).toBe('acme/shop');
});

const raw = (text: string, type: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': type });
  response.end(text);
};

it.each<[string, string, string]>([
  ["a proxy's page", '<html>Sign in</html>', 'text/html'],
  ['null', 'null', 'application/json'],
  ['a list', '[]', 'application/json'],
  ['a list of nothing', '[null]', 'application/json'],
  ['an empty object', '{}', 'application/json'],
  ['no data', '{"data":null}', 'application/json'],
  ['text', '"text"', 'application/json'],
  ['nothing', '', 'application/json'],
  ['nothing of no type', '', 'application/octet-stream'],
])('an answer to a query that is %s is a failure of the host', async (_, text, type) => {
  answers = [raw(text, type)];

  await expect(client().graphql('query { viewer { login } }')).rejects.toMatchObject({ status: 502 });
  expect(asked).toHaveLength(3);
});

it.each(['<html>', 'null', '{}', '"text"', '[7]', ''])(
  'so is %j in place of a list of pull requests',
  async (text) => {
    answers = [raw(text, text.startsWith('<') ? 'text/html' : 'application/json')];

    await expect(client().rest.pulls.list(place)).rejects.toMatchObject({ status: 502 });
  },
);

it('sends the token to no other host, whatever an answer links to', async () => {
  const link = '<https://evil.example/api/v3/repos/acme/shop/pulls?page=2>; rel="next"';
  answers = [json(200, [{ number: 1 }], { link })];
  const octokit = client();

  await expect(octokit.paginate(octokit.rest.pulls.list, place)).rejects.toThrow('evil.example');
  expect(asked).toHaveLength(1);
  expect(clock.slept).toBe(0);
});
