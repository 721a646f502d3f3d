import { expect, it } from 'vitest';
import { isHttp, protocolOf } from '../../src/k8s/protocol.ts';

// Reference 4.8. https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
it.each<[string, Partial<Parameters<typeof protocolOf>[0]>, string, boolean | undefined]>([
  ['the name', { name: 'http' }, 'http', true],
  ['the text before the dash', { name: 'grpc-api' }, 'grpc', true],
  ['whatever its case', { name: 'HTTP-web' }, 'http', true],
  ['grpc-web, with its dash', { name: 'grpc-web-front' }, 'grpc-web', true],
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
