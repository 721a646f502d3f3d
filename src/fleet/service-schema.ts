import { z } from 'zod';
import { portProtocols } from '../k8s/protocol.ts';
import { observers } from '../model/traffic.ts';
import {
  dnsName,
  externalHost,
  hostName,
  label,
  labelName,
  list,
  map,
  oneOf,
  portNumber,
  reasonText,
  text,
} from './shapes.ts';

const protocol = oneOf(portProtocols);
const portShorthand = text(
  'a port such as 8080 or 8080/grpc',
  new RegExp(`^[1-9][0-9]{0,4}/(?:${portProtocols.join('|')})$`),
);

const servicePort = z.union(
  [
    portNumber,
    portShorthand,
    map(
      {
        number: portNumber.describe('Port of the Service.'),
        protocol: protocol.optional().describe('Default: http.'),
        targetPort: portNumber
          .optional()
          .describe("Container port. Default: read from the repository's Service."),
      },
      'a map with number, protocol and targetPort',
    ),
  ],
  { error: 'a port such as 8080, 8080/grpc, or a map with number, protocol and targetPort' },
);

/** A statement of a person. */
export const complete = map(
  {
    callers: reasonText
      .optional()
      .describe(
        'Why there are no other callers than those that are declared: who says so, and how they know.',
      ),
    calls: reasonText
      .optional()
      .describe(
        'Why it makes no other calls than those that are declared, hosts outside the cluster included.',
      ),
  },
  'a map of callers and calls to the reason why what is declared is all there is',
);

const moment = text(
  'a time such as 2026-11-27T00:00:00Z',
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z$/,
);
const amount = z.int({ error: 'a whole number' }).min(0, { error: 'a whole number from 0' });

const observed = map(
  {
    source: oneOf(observers).describe('The tool that recorded the traffic.'),
    from: moment.describe('Start of the time that was looked at.'),
    until: moment.describe('End of that time.'),
    received: amount
      .optional()
      .describe('Requests and connections to it in that time, all of them from declared callers.'),
    sent: amount
      .optional()
      .describe('Requests and connections that it made in that time, all of them declared.'),
  },
  'a map with source, from, until, received and sent',
);

export const service = map(
  {
    name: labelName.describe('Name of the Kubernetes Service; without ports, of a workload that has none.'),
    serviceAccount: dnsName
      .optional()
      .describe('Service account its pods run as: the identity that policies name. Default: default.'),
    selector: z
      .record(
        text('a label key', /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/),
        text('a label value', /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/),
        { error: 'a map of pod labels' },
      )
      .optional()
      .describe("Labels of its pods. Default: read from the repository's Service."),
    ports: list(servicePort, 'ports')
      .optional()
      .describe('Ports of the Service: 8080, 8080/grpc, or maps. Default: none, it only calls others.'),
    hosts: list(hostName, 'host names')
      .optional()
      .describe('External hosts that the shared gateway routes to it.'),
    gatewayPort: portNumber.optional().describe('Port the gateway routes to. Default: the only HTTP port.'),
    stickySession: map(
      {
        cookie: text('a cookie name', /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/).describe('Name of the cookie.'),
        path: text('a cookie path that starts with /', /^\/[\x21-\x3a\x3c-\x7e]*$/)
          .optional()
          .describe('Default: /.'),
        ttl: text('a duration such as 3600s; 0s for a session cookie', /^(?:0|[1-9][0-9]{0,8})s$/)
          .optional()
          .describe('Default: 0s, a session cookie.'),
      },
      'a map with cookie, path and ttl',
    )
      .optional()
      .describe('Session affinity by cookie.'),
    calls: list(
      text(
        'a call such as cart:7070 or payments/ledger:8080',
        new RegExp(`^(?:${label}/)?${label}(?::[1-9][0-9]{0,4})?$`),
      ),
      'calls',
    )
      .optional()
      .describe('Services it calls: service:port in this namespace, namespace/service:port elsewhere.'),
    allowFrom: list(
      map(
        {
          namespace: labelName.describe('Namespace of the caller.'),
          serviceAccount: dnsName.optional().describe('Default: any workload of that namespace.'),
          ports: list(portNumber, 'port numbers').optional().describe('Default: every port.'),
        },
        'a map with namespace, serviceAccount and ports',
      ),
      'callers',
    )
      .optional()
      .describe('Callers that are not services of this fleet.'),
    complete: complete
      .optional()
      .describe('A statement that all its callers, or all its calls, are declared; with the reason.'),
    observed: observed
      .optional()
      .describe('Traffic that calls import has seen, for which everything is declared.'),
  },
  'a map that describes a service',
);

export const external = map(
  {
    host: externalHost.describe('DNS name or IPv4 address outside the cluster.'),
    ports: list(z.union([portNumber, portShorthand], { error: 'a port such as 443, or 5432/tcp' }), 'ports')
      .min(1, { error: 'a list of at least one port' })
      .optional()
      .describe('Default: 443/https.'),
    addresses: list(text('an IP address or CIDR', /^[0-9a-fA-F:.]{2,45}(?:\/[0-9]{1,3})?$/), 'addresses')
      .optional()
      .describe('Needed for TCP unless the mesh captures DNS.'),
  },
  'a map with host, ports and addresses',
);
