import {
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../../src/model/json.ts';

/** Where a cluster sends to. */
interface Endpoint {
  readonly ip: string;
  readonly port: number;
  readonly metadata: JsonObject;
}

export function endpointsIn(assignment: JsonValue | undefined): readonly Endpoint[] {
  return listAt(assignment, 'endpoints').flatMap((locality) =>
    listAt(locality, 'lbEndpoints').map((each) => ({
      ip: stringAt(each, 'endpoint', 'address', 'socketAddress', 'address') ?? '',
      port: Number(valueAt(each, 'endpoint', 'address', 'socketAddress', 'portValue')),
      metadata: objectAt(each, 'metadata', 'filterMetadata', 'envoy.transport_socket_match'),
    })),
  );
}

/** What is put on the wire. */
export type Sent = 'plaintext' | 'mtls' | 'tls';

/** What a cluster sends to an endpoint: by the first match of its metadata, else by the cluster's own socket. */
export function transportTo(cluster: JsonObject, metadata: JsonObject): Sent {
  const matching = listAt(cluster, 'transportSocketMatches').find((each) =>
    Object.entries(objectAt(each, 'match')).every(([key, value]) => metadata[key] === value),
  );
  const socket = matching === undefined ? cluster.transportSocket : valueAt(matching, 'transportSocket');
  const config = objectAt(socket, 'typedConfig');
  if (!(stringAt(config, '@type') ?? '').endsWith('UpstreamTlsContext')) return 'plaintext';
  const secrets = listAt(config, 'commonTlsContext', 'tlsCertificateSdsSecretConfigs');
  return secrets.some((each) => stringAt(each, 'name') === 'default') ? 'mtls' : 'tls';
}
