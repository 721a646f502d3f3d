import { istio } from '../../../mesh/manifests.ts';
import { bothAt, call, paragraph, strict } from './case.ts';

const paths = istio('AuthorizationPolicy', 'pay/paths', '{rules: [{to: [{operation: {paths: [/x]}}]}]}');
const asHttp = { path: '/x', method: 'GET', protocol: 'http' } as const;

export default paragraph(
  '4.8',
  ['http-', bothAt('{name: http-web, port: 8080}') + paths, [call, 'works', asHttp]],
  ['grpc', bothAt('{name: grpc, port: 8080}') + paths, [call, 'works', asHttp]],
  ['grpc-web', bothAt('{name: grpc-web, port: 8080}') + paths, [call, 'works', asHttp]],
  [
    'a name in capitals is refused by Kubernetes; appProtocol in capitals is not',
    bothAt('{name: x, port: 8080, appProtocol: HTTP}') + paths,
    [call, 'works', asHttp],
  ],
  ['http2', bothAt('{name: http2, port: 8080}') + paths, [call, 'works', asHttp]],
  ['tcp-', bothAt('{name: tcp-web, port: 8080}') + paths, [call, 'reset', { path: '/x', method: 'GET' }]],
  ['redis', bothAt('{name: redis, port: 8080}') + paths, [call, 'reset', { protocol: 'tcp' }]],
  ['mongo', bothAt('{name: mongo, port: 8080}') + paths, [call, 'reset', { protocol: 'tcp' }]],
  ['https- is opaque', bothAt('{name: https-web, port: 8080}') + paths, [call, 'reset']],
  ['tls- is opaque, and goes on as it is', bothAt('{name: tls-web, port: 8080}'), [call, 'works']],
  [
    'appProtocol beats the name',
    bothAt('{name: http-web, port: 8080, appProtocol: tcp}') + paths,
    [call, 'reset', { protocol: 'tcp' }],
  ],
  [
    'appProtocol http on a name that says tcp',
    bothAt('{name: tcp-web, port: 8080, appProtocol: http}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'kubernetes.io/h2c',
    bothAt('{name: x, port: 8080, appProtocol: kubernetes.io/h2c}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'kubernetes.io/ws',
    bothAt('{name: x, port: 8080, appProtocol: kubernetes.io/ws}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'an appProtocol that Istio does not know is sniffed',
    bothAt('{name: tcp, port: 8080, appProtocol: example.com/x}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'no name: sniffed',
    bothAt('{port: 8080}') + paths,
    [
      [call, 'works', asHttp],
      [call, 'reset', { protocol: 'tcp' }],
    ],
  ],
  [
    'another word: sniffed',
    bothAt('{name: web, port: 8080}') + paths,
    [
      [call, 'works', asHttp],
      [call, 'reset', { protocol: 'tcp' }],
    ],
  ],
  [
    '3306 without a name is TCP',
    bothAt('{name: db, port: 3306}') + paths,
    ['shop/web -> pay/ledger:3306', 'reset', { protocol: 'tcp' }],
  ],
  [
    '3306 by name is HTTP',
    bothAt('{name: http, port: 3306}') + paths,
    ['shop/web -> pay/ledger:3306', 'works', asHttp],
  ],
  [
    'a sniffed port, mTLS and STRICT',
    bothAt('{port: 8080}') + strict,
    [
      [call, 'works', { protocol: 'http' }],
      [call, 'works', { protocol: 'tcp' }],
    ],
  ],
);
