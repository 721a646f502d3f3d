import { stringAt, type JsonObject } from '../../model/json.ts';
import { serviceInAnyDomain } from '../../k8s/host.ts';
import { accountIn, externalHost, importer, nameIn, type Observed, type Party } from '../observed.ts';
import { isAnswer, samplesIn, type Sample } from './prometheus-vector.ts';

/** Istio's own metrics, as the sidecars count them; both ends may report one call.
 *  @see https://istio.io/latest/docs/reference/config/metrics/ */
export default importer({
  source: 'prometheus',
  reads:
    'responses of the Prometheus HTTP API with istio_requests_total or istio_tcp_connections_opened_total',
  recognises: (value) => isAnswer(value, isOfIstio),
  read(documents, file) {
    const read = documents.map((document) => samplesIn(document, file));
    const samples = read
      .flatMap((each) => each.samples)
      .filter(({ metric, count }) => count > 0 && isOfIstio(metric));
    return { calls: reportedOnce(samples), problems: read.flatMap((each) => each.problems) };
  },
});

function isOfIstio(metric: JsonObject): boolean {
  return (
    stringAt(metric, '__name__')?.startsWith('istio_') === true ||
    stringAt(metric, 'destination_service') !== undefined ||
    stringAt(metric, 'destination_workload') !== undefined
  );
}

/** Sums the series of an edge (they differ in response codes), of the reporter that has seen more. */
function reportedOnce(samples: readonly Sample[]): readonly Observed[] {
  const edges = new Map<string, { readonly call: Observed; readonly counts: Map<string, number> }>();
  for (const { metric, count, at } of samples) {
    const protocol = protocolOf(metric);
    const call: Observed = {
      from: source(metric),
      to: destination(metric, protocol),
      protocol,
      count,
      lastSeen: at,
    };
    const key = JSON.stringify([call.from, call.to, protocol]);
    const edge = edges.get(key) ?? { call, counts: new Map<string, number>() };
    const reporter = stringAt(metric, 'reporter') ?? '';
    edge.counts.set(reporter, (edge.counts.get(reporter) ?? 0) + count);
    edges.set(key, edge);
  }
  return [...edges.values()].map(({ call, counts }) => ({ ...call, count: Math.max(...counts.values()) }));
}

function protocolOf(metric: JsonObject): 'http' | 'tcp' {
  const name = stringAt(metric, '__name__') ?? '';
  return name.startsWith('istio_tcp_') || stringAt(metric, 'request_protocol') === 'tcp' ? 'tcp' : 'http';
}

function source(metric: JsonObject): Party {
  const namespace = nameIn(stringAt(metric, 'source_workload_namespace'));
  const names = ['source_workload', 'source_canonical_service', 'source_app'].flatMap(
    (key) => nameIn(stringAt(metric, key)) ?? [],
  );
  if (namespace === undefined || names.length === 0) return { kind: 'unknown' };
  return { kind: 'pods', namespace, names, account: accountIn(stringAt(metric, 'source_principal')) };
}

function destination(metric: JsonObject, protocol: 'http' | 'tcp'): Party {
  const text = stringAt(metric, 'destination_service') ?? '';
  const host = externalHost(text);
  // The metrics name no port, so that the usual one of the protocol is proposed.
  const port = /:(\d{1,5})$/.exec(text)?.[1] ?? (protocol === 'http' ? '80' : '443');
  if (host !== undefined) return { kind: 'host', host, port: Number(port) };
  const named = serviceInAnyDomain(text.replace(/:\d{1,5}$/, ''));
  const namespace =
    named?.namespace ??
    nameIn(stringAt(metric, 'destination_service_namespace')) ??
    nameIn(stringAt(metric, 'destination_workload_namespace'));
  const names = [
    named?.service,
    ...['destination_service_name', 'destination_workload', 'destination_canonical_service'].map((key) =>
      stringAt(metric, key),
    ),
  ].flatMap((each) => nameIn(each) ?? []);
  return namespace === undefined || names.length === 0
    ? { kind: 'unknown' }
    : { kind: 'pods', namespace, names };
}
