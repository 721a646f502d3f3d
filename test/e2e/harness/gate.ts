import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './git-http-server.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An address on the loopback at which one world after the other is. */
export class Gate {
  readonly origin: string;
  readonly #place: { handler: Handler | undefined };

  private constructor(origin: string, place: { handler: Handler | undefined }) {
    this.origin = origin;
    this.#place = place;
  }

  static async open(): Promise<Gate> {
    const place: { handler: Handler | undefined } = { handler: undefined };
    const { origin, server } = await listen((request, response) => {
      if (place.handler === undefined) request.socket.destroy();
      else place.handler(request, response);
    });
    server.unref();
    return new Gate(origin, place);
  }

  get isFree(): boolean {
    return this.#place.handler === undefined;
  }

  enter(handler: Handler): void {
    if (!this.isFree) throw new Error(`someone else is at ${this.origin}`);
    this.#place.handler = handler;
  }

  leave(): void {
    this.#place.handler = undefined;
  }
}
