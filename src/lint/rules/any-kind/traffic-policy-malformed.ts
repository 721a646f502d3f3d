import { objectAt } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isIpAddress, isPort, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

export default rule({
  id: 'traffic-policy-malformed',
  severity: 'error',
  kinds: ['DestinationRule', 'Sidecar'],
  summary: 'connection pool or outlier detection settings that are out of range or contradict each other',
  why: "The webhook rejects the object: percentages range from 0 to 100, connection limits can't be negative, and some settings require others. `consecutiveErrors` is only deprecated, which is a warning.",
  fix: 'Correct the value, or set the field that it requires.',
  equivalent: ['IST0106', 'IST0133'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path, policy } of trafficPolicies(resource)) {
        const part = { path, value: policy };
        for (const details of [...outlier(part), ...pool(part, 'connectionPool'), ...tunnel(part)])
          yield { resource, ...details };
      }
    for (const resource of inventory.of('Sidecar')) {
      for (const details of pool(specOf(resource), 'inboundConnectionPool')) yield { resource, ...details };
      for (const listener of partsIn(specOf(resource), 'ingress'))
        for (const details of pool(listener, 'connectionPool')) yield { resource, ...details };
    }
  },
});

function* outlier(policy: Part): Iterable<FindingDetails> {
  for (const part of partsIn(policy, 'outlierDetection')) {
    const { path, value } = part;
    for (const field of ['maxEjectionPercent', 'minHealthPercent']) {
      const percent = value[field];
      if (typeof percent === 'number' && (percent < 0 || percent > 100))
        yield {
          path: [...path, field],
          message: `"${field}" must be between 0 and 100, not ${String(percent)}.`,
        };
    }
    const { consecutiveLocalOriginFailures: failures, consecutiveErrors } = value;
    if (typeof failures === 'number' && failures > 0 && value.splitExternalLocalOriginErrors !== true)
      yield {
        path: [...path, 'consecutiveLocalOriginFailures'],
        at: 'key',
        message: '"consecutiveLocalOriginFailures" requires "splitExternalLocalOriginErrors".',
        fix: 'Set splitExternalLocalOriginErrors: true.',
      };
    if (typeof consecutiveErrors === 'number' && consecutiveErrors !== 0)
      yield {
        path: [...path, 'consecutiveErrors'],
        at: 'key',
        severity: 'warning',
        message: '"consecutiveErrors" is deprecated.',
        fix: 'Use consecutive5xxErrors or consecutiveGatewayErrors.',
      };
  }
}

function* pool(policy: Part, field: string): Iterable<FindingDetails> {
  for (const { path, value } of partsIn(policy, field)) {
    for (const kind of ['http', 'tcp'])
      for (const [name, limit] of Object.entries(objectAt(value, kind)))
        if (typeof limit === 'number' && limit < 0)
          yield {
            path: [...path, kind, name],
            message: `${quoted(name)} can't be negative, but is ${String(limit)}.`,
          };
    const http = objectAt(value, 'http');
    if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true)
      yield {
        path: [...path, 'http', 'useClientProtocol'],
        at: 'key',
        message:
          '"useClientProtocol" (keep the client\'s protocol) and "h2UpgradePolicy: UPGRADE" are mutually exclusive.',
      };
    for (const alive of partsIn({ path: [...path, 'http'], value: http }, 'http2KeepAlive'))
      for (const needed of ['interval', 'timeout'])
        if (!says(alive, needed))
          yield { path: alive.path, at: 'key', message: `"http2KeepAlive" requires "${needed}".` };
  }
}

function* tunnel(policy: Part): Iterable<FindingDetails> {
  if (says(policy, 'tunnel') && says(policy, 'proxyProtocol'))
    yield {
      path: [...policy.path, 'proxyProtocol'],
      at: 'key',
      message: '"tunnel" and "proxyProtocol" are mutually exclusive.',
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
        message: `The tunnel protocol must be CONNECT or POST, not ${quoted(protocol)}.`,
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
      yield { path: [...path, 'targetPort'], message: `${String(targetPort)} is not a valid port.` };
  }
}
