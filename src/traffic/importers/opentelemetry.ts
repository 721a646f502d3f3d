import { stringAt, type JsonObject } from '../../model/json.ts';
import { externalHost, importer, nameIn, type Party } from '../observed.ts';
import { isAnswer, samplesIn } from './prometheus-vector.ts';

/** The service graph that Grafana Tempo or the OpenTelemetry Collector makes of traces. Services have the names their
 *  programs give them, and namespaces only where they are configured as dimensions.
 *  @see https://grafana.com/docs/tempo/latest/metrics-from-traces/service_graphs/ */
export default importer({
  source: 'opentelemetry',
  reads: 'responses of the Prometheus HTTP API with traces_service_graph_request_total',
  recognises: (value) => isAnswer(value, isOfGraph),
  read(documents, file) {
    const read = documents.map((document) => samplesIn(document, file));
    const calls = read
      .flatMap(({ samples }) => samples)
      .filter(({ metric, count }) => count > 0 && isOfGraph(metric))
      .map(({ metric, count, at }) => ({
        from: party(metric, 'client'),
        to: party(metric, 'server'),
        count,
        lastSeen: at,
      }));
    return { calls, problems: read.flatMap(({ problems }) => problems) };
  },
});

function isOfGraph(metric: JsonObject): boolean {
  return stringAt(metric, 'client') !== undefined && stringAt(metric, 'server') !== undefined;
}

function party(metric: JsonObject, side: 'client' | 'server'): Party {
  const text = stringAt(metric, side);
  const host = externalHost(text);
  if (host !== undefined) return { kind: 'host', host, port: 443 };
  const name = nameIn(text?.toLowerCase());
  if (name === undefined || name === 'user') return { kind: 'unknown' };
  const namespace = [`${side}_k8s_namespace_name`, `${side}_service_namespace`, `${side}_namespace`].flatMap(
    (key) => nameIn(stringAt(metric, key)) ?? [],
  )[0];
  return { kind: 'pods', namespace, names: [name] };
}
