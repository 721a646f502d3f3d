import { objectAt } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isIpAddress, isPort, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

type Told = Omit<Finding, 'resource'>;

export default rule({
  id: 'traffic-policy-malformed',
  severity: 'error',
  kinds: ['DestinationRule', 'Sidecar'],
  summary: 'limits of connections or of outlier detection that are out of range or contradict each other',
  why: 'The webhook refuses the object: percentages go from 0 to 100, numbers of connections are not negative, and some settings need others. `consecutiveErrors` is deprecated, and only warned about.',
  fix: 'Correct the number, or set the other field that it needs.',
  equivalent: ['IST0106', 'IST0133'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path, policy } of trafficPolicies(resource)) {
        const part = { path, value: policy };
        for (const told of [...outlier(part), ...pool(part, 'connectionPool'), ...tunnel(part)])
          yield { resource, ...told };
      }
    for (const resource of inventory.of('Sidecar')) {
      for (const told of pool(specOf(resource), 'inboundConnectionPool')) yield { resource, ...told };
      for (const listener of partsIn(specOf(resource), 'ingress'))
        for (const told of pool(listener, 'connectionPool')) yield { resource, ...told };
    }
  },
});

function* outlier(policy: Part): Iterable<Told> {
  for (const part of partsIn(policy, 'outlierDetection')) {
    const { path, value } = part;
    for (const field of ['maxEjectionPercent', 'minHealthPercent']) {
      const percent = value[field];
      if (typeof percent === 'number' && (percent < 0 || percent > 100))
        yield {
          path: [...path, field],
          message: `"${field}" is a percentage, and ${String(percent)} is none.`,
        };
    }
    const { consecutiveLocalOriginFailures: failures, consecutiveErrors } = value;
    if (typeof failures === 'number' && failures > 0 && value.splitExternalLocalOriginErrors !== true)
      yield {
        path: [...path, 'consecutiveLocalOriginFailures'],
        at: 'key',
        message: '"consecutiveLocalOriginFailures" needs "splitExternalLocalOriginErrors".',
        fix: 'Write splitExternalLocalOriginErrors: true.',
      };
    if (typeof consecutiveErrors === 'number' && consecutiveErrors !== 0)
      yield {
        path: [...path, 'consecutiveErrors'],
        at: 'key',
        severity: 'warning',
        message: '"consecutiveErrors" is deprecated.',
        fix: 'Write consecutive5xxErrors or consecutiveGatewayErrors.',
      };
  }
}

function* pool(policy: Part, field: string): Iterable<Told> {
  for (const { path, value } of partsIn(policy, field)) {
    for (const kind of ['http', 'tcp'])
      for (const [name, limit] of Object.entries(objectAt(value, kind)))
        if (typeof limit === 'number' && limit < 0)
          yield {
            path: [...path, kind, name],
            message: `${quoted(name)} must not be negative, and is ${String(limit)}.`,
          };
    const http = objectAt(value, 'http');
    if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true)
      yield {
        path: [...path, 'http', 'useClientProtocol'],
        at: 'key',
        message:
          'Connections can\'t keep the protocol of the client ("useClientProtocol") and be upgraded ("h2UpgradePolicy: UPGRADE").',
      };
    for (const alive of partsIn({ path: [...path, 'http'], value: http }, 'http2KeepAlive'))
      for (const needed of ['interval', 'timeout'])
        if (!says(alive, needed))
          yield { path: alive.path, at: 'key', message: `"http2KeepAlive" needs "${needed}".` };
  }
}

function* tunnel(policy: Part): Iterable<Told> {
  if (says(policy, 'tunnel') && says(policy, 'proxyProtocol'))
    yield {
      path: [...policy.path, 'proxyProtocol'],
      at: 'key',
      message: '"tunnel" and "proxyProtocol" exclude each other.',
    };
  for (const { path, value } of partsIn(policy, 'tunnel')) {
    const { protocol = '', targetHost, targetPort } = value;
    if (
      typeof protocol === 'string' &&
      !['', 'CONNECT', 'POST'].includes(protocol) &&
      !hasPlaceholder(protocol)
    )
      yield {
        path: [...path, 'protocol'],
        message: `A tunnel is made by CONNECT or POST, not by ${quoted(protocol)}.`,
      };
    if (
      typeof targetHost === 'string' &&
      !hasPlaceholder(targetHost) &&
      !isIpAddress(targetHost) &&
      nameMistake(targetHost) !== undefined
    )
      yield {
        path: [...path, 'targetHost'],
        message: `The host ${quoted(targetHost)} ${nameMistake(targetHost) ?? ''}.`,
      };
    if (typeof targetPort === 'number' && !isPort(targetPort))
      yield { path: [...path, 'targetPort'], message: `${String(targetPort)} is no port.` };
  }
}
