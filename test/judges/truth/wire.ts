import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { hang } from '../../sampling.ts';

/** Who asks istiod for its configuration. */
export interface Node {
  /** `sidecar~IP~POD.NAMESPACE~NAMESPACE.svc.cluster.local`, or `router~…` */
  readonly id: string;
  readonly metadata: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

export const types = {
  CDS: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  LDS: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  RDS: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  EDS: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
} as const;

/** One proxy's stream to istiod: it asks, and counts the answers; what is in them is read from istiod's debug endpoint.
 *  A dozen fields of two messages are not worth a protobuf library.
 *  @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol */
export class AdsStream {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #node: Node;
  readonly #answers = new Map<string, () => void>();
  #pending = Buffer.alloc(0);
  #failure: Error | undefined;

  constructor(address: string, node: Node) {
    this.#node = node;
    this.#session = connect(address);
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#session.on('error', (error: Error) => (this.#failure = error));
    this.#stream.on('error', (error: Error) => (this.#failure = error));
    this.#stream.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
  }

  /** Asks for resources of a type; by name, where the type has names. Resolves with istiod's first answer. */
  async ask(type: string, names: readonly string[] = []): Promise<void> {
    const answered = new Promise<void>((done, fail) => {
      const late = setTimeout(() => {
        fail(this.#failure ?? new Error(`istiod does not answer ${this.#node.id} about ${type}`));
      }, hang);
      this.#answers.set(type, () => {
        clearTimeout(late);
        done();
      });
    });
    const message = Buffer.concat([
      field(2, nodeMessage(this.#node)),
      ...names.map((name) => field(3, text(name))),
      field(4, text(type)),
    ]);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([head, message]));
    return answered;
  }

  close(): void {
    this.#session.destroy();
  }

  #take(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 5 && this.#pending.length >= 5 + this.#pending.readUInt32BE(1)) {
      const end = 5 + this.#pending.readUInt32BE(1);
      this.#answers.get(typeOf(this.#pending.subarray(5, end)))?.();
      this.#pending = this.#pending.subarray(end);
    }
  }
}

function nodeMessage({ id, metadata }: Node): Buffer {
  return Buffer.concat([field(1, text(id)), field(3, struct(metadata))]);
}

function struct(values: Node['metadata']): Buffer {
  return Buffer.concat(
    Object.entries(values).map(([key, value]) => {
      const inner = typeof value === 'string' ? field(3, text(value)) : field(5, struct(value));
      return field(1, Buffer.concat([field(1, text(key)), field(2, inner)]));
    }),
  );
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

/** The `type_url` (field 4) of a DiscoveryResponse. */
function typeOf(message: Buffer): string {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = number();
    if ((key & 7) !== 2) {
      number();
      continue;
    }
    const length = number();
    if (key >> 3 === 4) return message.toString('utf8', at, at + length);
    at += length;
  }
  return '';
}
