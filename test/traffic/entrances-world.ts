import { describeCall, type EntranceKind } from '../../src/model/traffic.ts';
import { entrancesOf } from '../../src/traffic/entrances/index.ts';
import { inventoryOf } from '../mesh/manifests.ts';
import { app, namespace } from './world.ts';

export const shop =
  namespace('shop') + app('shop/web') + app('shop/api', '{name: http, port: 80, targetPort: 8080}');

export const entrances = (text: string, way: EntranceKind): readonly string[] =>
  entrancesOf(inventoryOf(text, { gateways: [shared] }))
    .filter(({ evidence }) => evidence.some((each) => each.way === way))
    .map((each) => `${describeCall(each)}${each.path === undefined ? '' : ` ${each.path}`}`);

const shared = {
  gateway: 'istio-system/shared',
  podNamespace: 'istio-system',
  serviceAccount: 'istio-ingressgateway',
};

export function object(apiVersion: string, kind: string, place: string, rest: string, metadata = ''): string {
  const [inNamespace = '', name = ''] = place.includes('/') ? place.split('/') : ['', place];
  const where = inNamespace === '' ? '' : `namespace: ${inNamespace}, `;
  return `---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {${where}name: ${name}${metadata}}
${rest}
`;
}

export const gateway = (place: string, hosts: string) =>
  object(
    'networking.istio.io/v1',
    'Gateway',
    place,
    `spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [${hosts}], tls: {mode: SIMPLE, credentialName: x}}]}`,
  );
export const route = (place: string, spec: string) =>
  object('networking.istio.io/v1', 'VirtualService', place, `spec: ${spec}`);
export const toWeb = '{route: [{destination: {host: web}}]}';
export const http = (kind: string, spec: string) =>
  object('gateway.networking.k8s.io/v1', kind, 'shop/web', `spec: ${spec}`);
export const kubernetesGateway = (className: string) =>
  object(
    'gateway.networking.k8s.io/v1',
    'Gateway',
    'edge/public',
    `spec: {gatewayClassName: ${className}, listeners: [{name: http, port: 80, protocol: HTTP}]}`,
  );
export const ingress = (spec: string, metadata = '') =>
  object('networking.k8s.io/v1', 'Ingress', 'shop/front', `spec: ${spec}`, metadata);
export const backend = 'defaultBackend: {service: {name: web, port: {name: http}}}';
export const controller = (place: string, image: string, args = '') => {
  const [inNamespace = '', name = ''] = place.split('/');
  return object(
    'apps/v1',
    'Deployment',
    `${inNamespace}/${name}`,
    `spec: {template: {metadata: {labels: {app: ${name}}}, spec: {serviceAccountName: ${name}, containers: [{name: c, image: "${image}"${args}}]}}}`,
  );
};
export const service = (place: string, spec: string, metadata = '') =>
  object('v1', 'Service', place, `spec: ${spec}`, metadata);
export const web = (container: string, pod = '') =>
  object(
    'apps/v1',
    'Deployment',
    'shop/web',
    `spec: {template: {metadata: {labels: {app: web}${pod}}, spec: {containers: [{name: web, image: x, ${container}}]}}}`,
  );
export const webService = service('shop/web', '{selector: {app: web}, ports: [{name: http, port: 8080}]}');
export const kafka = (spec: string, container: string) =>
  object(
    'apps/v1',
    'StatefulSet',
    'shop/kafka',
    `spec: {serviceName: kafka, ${spec}template: {metadata: {labels: {app: kafka}}, spec: {containers: [{name: kafka, image: kafka, ${container}}]}}}`,
  );
export const kafkaService = (rest = 'clusterIP: None, ') =>
  service(
    'shop/kafka',
    `{${rest}selector: {app: kafka}, ports: [{name: tcp, port: 9092}, {name: tcp-c, port: 9093}]}`,
  );

export type Case = readonly [title: string, way: EntranceKind, manifests: string, found: readonly string[]];
