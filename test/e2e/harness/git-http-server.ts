import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Delivery, FaultPlan } from './faults.ts';

/** What goes wrong, once or for as long as it is set. */
export interface GitFaults {
  /** Cut the connection of every push after this many bytes of its body; curl itself tries a second time. */
  cutPushes?: number | undefined;
  /** Cut the connection of the next fetch before its answer is whole. */
  cutNextFetch?: boolean | undefined;
  /** Runs after the next push was announced and before it is taken: someone else is quicker. */
  beforeNextPush?: (() => void) | undefined;
}

const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

/** git's own smart-HTTP server over a folder of bare repositories, behind basic authentication. */
export function handleGit(root: string, token: () => string, faults: GitFaults, plan: FaultPlan) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const given = Buffer.from(
      (request.headers.authorization ?? '').replace(/^Basic /i, ''),
      'base64',
    ).toString();
    if (given !== `x-access-token:${token()}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no');
      return;
    }
    const isPush = url.pathname.endsWith('/git-receive-pack');
    if (isPush && faults.beforeNextPush !== undefined) {
      const act = faults.beforeNextPush;
      faults.beforeNextPush = undefined;
      act();
    }
    if (isPush && faults.cutPushes !== undefined) {
      const limit = faults.cutPushes;
      let seen = 0;
      request.on('data', (chunk: Buffer) => {
        seen += chunk.length;
        if (seen >= limit) request.socket.destroy();
      });
      return;
    }
    const isCut = url.pathname.endsWith('/git-upload-pack') && faults.cutNextFetch === true;
    if (isCut) faults.cutNextFetch = undefined;
    plan.pass(nameOf(url), request, response, (delivery) => {
      const running = atWork.get(root) ?? new Set();
      atWork.set(root, running);
      const served = serve(root, url, request, response, isCut ? 'cut' : delivery);
      running.add(served);
      void served.finally(() => running.delete(served));
    });
  };
}

/** `git acme/shop receive-pack`, or `… receive-pack refs` for the question that comes before it. */
function nameOf(url: URL): string {
  const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1) ?? '';
  const repository = /^\/(.*)\.git\//.exec(url.pathname)?.[1] ?? '';
  const isQuestion = url.pathname.endsWith('/info/refs');
  return `git ${repository} ${service.replace('git-', '')}${isQuestion ? ' refs' : ''}`;
}

async function serve(
  root: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery | 'cut',
): Promise<void> {
  const sent = await buffer(request).catch(() => undefined);
  // Whoever asked is gone.
  if (sent === undefined) return;
  if (delivery === 'half') {
    await ask(root, url, request, sent.subarray(0, Math.floor(sent.length / 2)), false);
    request.socket.resetAndDestroy();
    return;
  }
  if (delivery === 'twice') await ask(root, url, request, sent);
  const answer = await ask(root, url, request, sent);
  const end = answer.indexOf('\r\n\r\n');
  const headers = answer.subarray(0, end).toString().split('\r\n');
  let status = 200;
  for (const line of headers) {
    const [name = '', value = ''] = line.split(': ');
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.statusCode = status;
  const body = answer.subarray(end + 4);
  if (delivery !== 'cut') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    request.socket.destroy();
  });
}

/** What git's own server answers to a request with such a body; the body may end before it is whole. */
async function ask(
  root: string,
  url: URL,
  request: IncomingMessage,
  body: Buffer,
  isWhole = true,
): Promise<Buffer> {
  const child = spawn(backend, [], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      // Half of a body ends where it ends: git would wait for the rest for ever.
      ...(isWhole && { CONTENT_LENGTH: request.headers['content-length'] }),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
      REMOTE_USER: 'meshwright',
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  const ended = once(child, 'close');
  const answer = await buffer(child.stdout);
  await ended;
  return answer;
}

/** A client that was killed leaves a git of its own behind for a moment, which may still write below the folder. */
export const removal = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/** What git's own server is still doing, by the folder of its repositories. */
const atWork = new Map<string, Set<Promise<void>>>();

/** Waits until nothing is served of these repositories any more: git finishes a push whose sender is gone, and a folder
 *  that is written to can't be removed. */
export async function servedAll(root: string): Promise<void> {
  for (;;) {
    const running = [...(atWork.get(root) ?? [])];
    if (running.length === 0) break;
    await Promise.all(running);
  }
  atWork.delete(root);
}

export async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<{
  readonly origin: string;
  readonly server: Server;
}> {
  const server = createServer(handler);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { origin: `http://127.0.0.1:${String(port)}`, server };
}
