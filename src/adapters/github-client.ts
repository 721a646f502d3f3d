import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { AnswerCache } from './answer-cache.ts';
import type { Clock } from './clock.ts';
import { CreationLog } from './creation-log.ts';
import type { Credentials } from './credentials.ts';
import type { ForgeLimits } from '../model/fleet.ts';
import { networkFault } from './network-fault.ts';
import { fetchWithin, OtherHost } from './github-fetch.ts';
import type { Network } from './network.ts';
import { LimitReached, Pace, type Kind, type LimitSigns } from './pace.ts';

export interface ClientOptions {
  /** REST root, without a slash at the end. */
  readonly api: string;
  readonly cacheDirectory: string;
  readonly credentials: Credentials;
  readonly limits: ForgeLimits;
  readonly network: Network;
  readonly clock: Clock;
  /** Told of each wait for a limit: why, and until when (milliseconds since 1970). */
  readonly onWait: (why: string, until: number) => void;
}

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** How often a request that failed for a passing reason is sent, and the first pause before it is sent again. */
const tries = 3;
const firstPause = 1000;
/** A host that refuses again and again, each time for no time at all, is not waited for. */
const mostRefusals = 5;

/** GitHub's API at the pace its limits allow; asks only for what changed; tries again what failed in passing. */
export function connect(options: ClientOptions): Octokit {
  const { api, credentials, limits, clock, cacheDirectory } = options;
  const pace = new Pace(limits, clock, new CreationLog(cacheDirectory, new URL(api).host), options.onWait);
  const cache = new AnswerCache(cacheDirectory);
  const octokit = new Octokit({
    baseUrl: api,
    userAgent: 'meshwright',
    log: quiet,
    request: { fetch: fetchWithin(api, options.network.fetch) },
    ...(credentials.kind === 'token'
      ? { auth: credentials.token }
      : {
          authStrategy: createAppAuth,
          auth: {
            appId: credentials.appId,
            privateKey: credentials.privateKey,
            installationId: credentials.installationId,
          },
        }),
  });
  const pruned = cache.prune(clock.now());
  octokit.hook.wrap('request', async (request, wanted) => {
    await pruned;
    const { method, url } = wanted;
    // A GitHub App asks for its token in the middle of another request; that must not wait for this one's turn.
    if (url.endsWith('/access_tokens')) return request(wanted);
    const kind = kindOf(method, url);
    const address = method === 'GET' ? octokit.request.endpoint.parse(wanted).url : undefined;
    const kept = address === undefined ? undefined : await cache.get(address);
    if (kept !== undefined) wanted.headers['if-none-match'] = kept.etag;
    let refusals = 0;
    let attempt = 1;
    for (;;) {
      try {
        const response = await pace.turn(kind, () => Promise.resolve(request(wanted)));
        pace.heed(kind, { status: response.status, headers: response.headers, message: '' });
        if (!isAnswer(method, url, response.data as unknown)) throw new CutShort();
        const { etag } = response.headers;
        if (address !== undefined && etag !== undefined)
          await cache.put(address, { etag, data: response.data as unknown });
        return response;
      } catch (error) {
        if (error instanceof LimitReached) throw error;
        const signs = signsOf(error);
        if (signs?.status === 304 && kept !== undefined) {
          pace.heed(kind, signs);
          return { status: 200, url, headers: signs.headers, data: kept.data };
        }
        // Its turn comes again when the limit allows, or never within anybody's patience.
        if (signs !== undefined && pace.heed(kind, signs) && ++refusals <= mostRefusals) continue;
        const isPassing =
          error instanceof CutShort || (signs !== undefined && signs.status >= 500 && !isLasting(error));
        if (!isPassing || !isRepeatable(method, url) || attempt === tries) throw error;
        if (!(await clock.sleep(firstPause * 2 ** (attempt - 1)))) throw error;
        attempt++;
      }
    }
  });
  return octokit;
}

/** Another host, a certificate, a proxy that refuses: the same a second later. */
function isLasting(error: unknown): boolean {
  return error instanceof Error && (error.cause instanceof OtherHost || networkFault(error) !== undefined);
}

/** Whether an answer has the shape that its question asks for: a list of objects, or an object. A proxy's page of HTML has
 *  not, and neither has half an answer. */
function isAnswer(method: string, url: string, data: unknown): boolean {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (method === 'GET' && /\/(?:pulls|comments|reviews)(?:\?.*)?$/.test(url))
    return Array.isArray(data) && data.every(isObject);
  if (url.endsWith('/graphql')) {
    const { data: found, errors } = isObject(data) ? (data as Record<string, unknown>) : {};
    return isObject(found) || (Array.isArray(errors) && errors.length > 0 && errors.every(isObject));
  }
  return Array.isArray(data) ? data.every(isObject) : isObject(data);
}

/** An answer that is not what was asked for. */
class CutShort extends Error {
  readonly status = 502;
  constructor() {
    super('the answer is not what was asked for, or was cut short');
  }
}

function kindOf(method: string, url: string): Kind {
  if (url.endsWith('/graphql')) return { does: 'read', resource: 'graphql' };
  const isRead = method === 'GET';
  const isCreation = method === 'POST' && /\/(?:pulls|comments|reviews|requested_reviewers)$/.test(url);
  return { does: isRead ? 'read' : isCreation ? 'creation' : 'write', resource: 'core' };
}

/** Whether sending a request twice does what sending it once does. */
function isRepeatable(method: string, url: string): boolean {
  return method !== 'POST' || /\/(?:graphql|labels|requested_reviewers)$/.test(url);
}

function signsOf(error: unknown): LimitSigns | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const response = 'response' in error ? (error.response as { headers?: LimitSigns['headers'] }) : undefined;
  return { status: error.status, headers: response?.headers ?? {}, message: error.message };
}
