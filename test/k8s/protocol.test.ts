import { expect, it } from 'vitest';
import { isHttp, parseProtocol, protocolOf } from '../../src/k8s/protocol.ts';

// Reference 4.8. https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
it.each<[string, Partial<Parameters<typeof protocolOf>[0]>, string, boolean | undefined]>([
  ['the name', { name: 'http' }, 'http', true],
  ['the text before the dash', { name: 'grpc-api' }, 'grpc', true],
  ['whatever its case', { name: 'HTTP-web' }, 'http', true],
  ['grpc-web, with its dash', { name: 'grpc-web-front' }, 'grpc-web', true],
  ['whatever begins with grpc-web', { name: 'grpc-webhook' }, 'grpc-web', true],
  ['an HTTP proxy', { appProtocol: 'http_proxy' }, 'http_proxy', true],
  ['an unknown appProtocol, whatever the name', { name: 'http', appProtocol: 'x' }, 'sniffed', undefined],
  ['a name that Kubernetes has for appProtocol alone', { name: 'kubernetes.io/ws' }, 'sniffed', undefined],
  ['a name that says nothing', { name: 'web' }, 'sniffed', undefined],
  ['no name', {}, 'sniffed', undefined],
  ['appProtocol over the name', { name: 'http', appProtocol: 'tcp' }, 'tcp', false],
  ['kubernetes.io/h2c', { appProtocol: 'kubernetes.io/h2c' }, 'http2', true],
  ['kubernetes.io/wss', { appProtocol: 'kubernetes.io/wss' }, 'https', false],
  ['UDP is not proxied', { name: 'http', transport: 'UDP' }, 'udp', false],
  ['https is opaque', { name: 'https-web' }, 'https', false],
  ['MySQL is never sniffed', { number: 3306 }, 'tcp', false],
  ['nor MongoDB', { number: 27017 }, 'tcp', false],
  ['nor SMTP', { number: 25 }, 'tcp', false],
])('%s', (_, said, protocol, http) => {
  const port = { number: 8080, name: undefined, appProtocol: undefined, transport: 'TCP', ...said };

  expect(protocolOf(port)).toBe(protocol);
  expect(isHttp(protocolOf(port))).toBe(http);
});

// A Gateway's, Sidecar's or ServiceEntry's port says its protocol in full.
it.each([
  ['HTTP', 'http'],
  ['GRPC-Web', 'grpc-web'],
  ['HTTP_PROXY', 'http_proxy'],
  ['http-web', undefined],
  ['SCTP', undefined],
  ['', undefined],
])('the protocol %s is %s', (written, protocol) => {
  expect(parseProtocol(written)).toBe(protocol);
});
