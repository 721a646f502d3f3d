import type { IncomingMessage, ServerResponse } from 'node:http';

/** One thing that goes wrong with one request. */
export type Fault =
  /** GitHub or something before it answers this, without doing anything. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** A secondary limit, with or without the time to wait. */
  | { readonly kind: 'secondary'; readonly retryAfter?: string }
  /** The connection is gone before anything is done. */
  | { readonly kind: 'cut-before' }
  /** Everything is done, and the answer is lost. */
  | { readonly kind: 'cut-after' }
  /** Everything is done, and half of the answer arrives. */
  | { readonly kind: 'truncated' }
  /** A proxy delivers the request two times. */
  | { readonly kind: 'twice' }
  /** The server has begun with it when the connection is reset, half of the body on its way. */
  | { readonly kind: 'half' }
  /** Something happens before the request is served, or after and before the answer is sent. */
  | { readonly kind: 'before' | 'after'; readonly act: () => void };

/** How a request reaches the server. */
export type Delivery = 'once' | 'twice' | 'half';

/** Counts the requests to API and git in one sequence, and makes one of them go wrong. */
export class FaultPlan {
  /** Every request, in order: `POST /repos/acme/shop/pulls`, `POST /graphql`, `git acme/shop receive-pack`. */
  readonly seen: string[] = [];
  #fault: { readonly at: number; readonly fault: Fault } | undefined;
  #always: { readonly name: string; readonly fault: Fault } | undefined;
  /** Whether the fault has happened. */
  hasHappened = false;

  /** The request number `at`, from 0 and from now on, goes wrong; all others are served. */
  set(at: number, fault: Fault): void {
    this.#fault = { at: this.seen.length + at, fault };
    this.hasHappened = false;
  }

  /** Every request of this name goes wrong. */
  setFor(name: string, fault: Fault): void {
    this.#always = { name, fault };
    this.hasHappened = false;
  }

  clear(): void {
    this.#fault = undefined;
    this.#always = undefined;
  }

  /** Passes a request on to `serve`, or makes it go wrong. */
  pass(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    serve: (delivery: Delivery) => void,
  ): void {
    const index = this.seen.push(name) - 1;
    const fault =
      this.#fault?.at === index
        ? this.#fault.fault
        : this.#always?.name === name
          ? this.#always.fault
          : undefined;
    if (fault !== undefined) this.hasHappened = true;
    switch (fault?.kind) {
      case undefined:
        serve('once');
        return;
      case 'status':
        answer(response, fault.status, fault.headers ?? {}, { message: `fault ${String(fault.status)}` });
        return;
      case 'secondary':
        answer(response, 403, fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }, {
          message:
            'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url:
            'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
        });
        return;
      case 'cut-before':
        request.socket.destroy();
        return;
      case 'cut-after':
        beforeEnd(response, () => void request.socket.destroy());
        serve('once');
        return;
      case 'truncated':
        beforeEnd(response, (body) => {
          response.setHeader('content-length', body.length + 1);
          response.write(body.subarray(0, Math.floor(body.length / 2)), () => void request.socket.destroy());
        });
        serve('once');
        return;
      case 'twice':
      case 'half':
        serve(fault.kind);
        return;
      case 'before':
        fault.act();
        serve('once');
        return;
      case 'after':
        beforeEnd(response, (body) => {
          fault.act();
          response.end(body);
        });
        serve('once');
        return;
    }
  }
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** Gives the whole body to `act` in place of sending it. Whoever answers sets status and headers, then ends once. */
function beforeEnd(response: ServerResponse, act: (body: Buffer) => void): void {
  const end = response.end.bind(response);
  response.end = ((body?: string | Buffer) => {
    response.end = end;
    act(Buffer.from(body ?? ''));
    return response;
  }) as ServerResponse['end'];
}
