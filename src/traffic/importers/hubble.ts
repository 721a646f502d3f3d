import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
} from '../../model/json.ts';
import type { Problem } from '../../model/problem.ts';
import { externalHost, importer, nameIn, unreadable, type Observed, type Party } from '../observed.ts';

/** Flows that `hubble observe --output json` prints, one a line: what Cilium forwarded, below the mesh.
 *  @see https://docs.cilium.io/en/stable/_api/v1/flow/README/ */
export default importer({
  source: 'hubble',
  reads: 'the lines of hubble observe --output json',
  recognises: (value) => isObject(flowIn(value)) && isObject(flowIn(value).source),
  read(documents, file) {
    const problems: Problem[] = [];
    const edges = new Map<string, { -readonly [Key in keyof Observed]: Observed[Key] }>();
    for (const { value, line } of documents) {
      const flow = flowIn(value);
      if (!isObject(flow.source) || !isObject(flow.destination)) {
        // Lines about lost events and nodes are no flows, and no news.
        if (isObject(value) && value.flow !== undefined)
          problems.push(unreadable(file, line, 'This flow', 'has no source or no destination'));
        continue;
      }
      // What was dropped did not work, and answers are no calls.
      if (flow.is_reply === true || flow.verdict === 'DROPPED' || flow.verdict === 'ERROR') continue;
      const call = callOf(flow);
      if (call === undefined) continue;
      const key = JSON.stringify([call.from, call.to, call.method, call.path]);
      const known = edges.get(key);
      if (known === undefined) edges.set(key, { ...call });
      else {
        known.count += 1;
        known.lastSeen = latest(known.lastSeen, call.lastSeen);
        known.protocol = known.protocol ?? call.protocol;
      }
    }
    return { calls: [...edges.values()], problems };
  },
});

function flowIn(value: unknown): JsonObject {
  const found = value as JsonObject;
  return isObject(valueAt(found, 'flow')) ? objectAt(found, 'flow') : isObject(found) ? found : {};
}

function callOf(flow: JsonObject): Observed | undefined {
  const port = valueAt(flow, 'l4', 'TCP', 'destination_port');
  if (typeof port !== 'number') return undefined;
  const from = party(objectAt(flow, 'source'));
  const to = destination(flow, port);
  if (from.kind === 'unknown' && to.kind === 'unknown') return undefined;
  const http = objectAt(flow, 'l7', 'http');
  const url = stringAt(http, 'url');
  return {
    from,
    to,
    protocol: url === undefined ? undefined : 'http',
    method: stringAt(http, 'method'),
    path: url === undefined ? undefined : /^(?:[a-z]+:\/\/[^/]*)?(\/[^?#]*)/.exec(url)?.[1],
    count: 1,
    lastSeen: timeIn(flow),
  };
}

function timeIn(flow: JsonObject): string | undefined {
  const milliseconds = Date.parse(stringAt(flow, 'time') ?? '');
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

function latest(one: string | undefined, other: string | undefined): string | undefined {
  return (one ?? '') > (other ?? '') ? one : other;
}

function destination(flow: JsonObject, port: number): Party {
  const service = objectAt(flow, 'destination_service');
  const [name, namespace] = [nameIn(stringAt(service, 'name')), nameIn(stringAt(service, 'namespace'))];
  if (name !== undefined && namespace !== undefined) return { kind: 'pods', namespace, names: [name] };
  const found = party(objectAt(flow, 'destination'));
  if (found.kind !== 'unknown') return found;
  const host = stringsAt(flow, 'destination_names').flatMap((each) => externalHost(each) ?? [])[0];
  return host === undefined ? found : { kind: 'host', host, port };
}

/** The pods of an endpoint: by workload, else by the usual labels. Ports of pods are not those of a Service. */
function party(endpoint: JsonObject): Party {
  const namespace = nameIn(stringAt(endpoint, 'namespace'));
  const labels = new Map(
    stringsAt(endpoint, 'labels').map((label) => {
      const equals = label.indexOf('=');
      return [label.slice(0, equals), label.slice(equals + 1)] as const;
    }),
  );
  const names = [
    ...listAt(endpoint, 'workloads').map((each) => stringAt(each, 'name')),
    labels.get('k8s:app.kubernetes.io/name'),
    labels.get('k8s:app'),
  ].flatMap((each) => nameIn(each) ?? []);
  if (namespace === undefined || names.length === 0) return { kind: 'unknown' };
  const account = nameIn(labels.get('k8s:io.cilium.k8s.policy.serviceaccount'));
  return { kind: 'pods', namespace, names: [...new Set(names)], account };
}
