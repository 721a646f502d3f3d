import { describe, expect, it } from 'vitest';
import { entrancesOf } from '../../src/traffic/entrances/index.ts';
import { inventoryOf } from '../mesh/manifests.ts';
import {
  backend,
  controller,
  entrances,
  gateway,
  http,
  ingress,
  kubernetesGateway,
  object,
  route,
  shop,
  toWeb,
  type Case,
} from './entrances-world.ts';

const cases: readonly Case[] = [
  [
    'a route of the shared gateway for a host that no fleet lists',
    'gateway-route',
    shop +
      gateway('istio-system/shared', '"*"') +
      route(
        'shop/web',
        `{hosts: [a.example.com, b.example.com], gateways: [istio-system/shared], http: [${toWeb}]}`,
      ),
    ['gateway (a.example.com) -> shop/web:8080', 'gateway (b.example.com) -> shop/web:8080'],
  ],
  [
    'a route for any host, by path',
    'gateway-route',
    shop +
      route(
        'shop/web',
        '{hosts: ["*"], gateways: [own], http: [{match: [{uri: {prefix: /api}}, {uri: {exact: /v1}}], route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]}, {route: [{destination: {host: web}}]}]}',
      ) +
      gateway('shop/own', '"*"'),
    [
      'gateway shop/own (*) -> shop/api:80 /api',
      'gateway shop/own (*) -> shop/api:80 /v1',
      'gateway shop/own (*) -> shop/web:8080',
    ],
  ],
  [
    'a route of another namespace, on a gateway that serves fewer names than the route has',
    'gateway-route',
    shop +
      gateway('edge/team', '"*/shop.example.com"') +
      route(
        'edge/web',
        '{hosts: ["*.example.com"], gateways: [team], http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}',
      ),
    ['gateway edge/team (shop.example.com) -> shop/web:8080'],
  ],
  [
    'a gateway that nobody has read, and a host with a variable',
    'gateway-route',
    shop + route('shop/web', `{hosts: ["web.$\{domain}"], gateways: [other/gw], http: [${toWeb}]}`),
    ['gateway other/gw (web.${domain}) -> shop/web:8080'],
  ],
  [
    'a delegate, a copy, and nothing for a destination without weight',
    'gateway-route',
    shop +
      route(
        'shop/root',
        '{hosts: ["*"], gateways: [edge/gw], http: [{match: [{uri: {prefix: /x}}], delegate: {name: part, namespace: shop}}]}',
      ) +
      route(
        'shop/part',
        '{http: [{route: [{destination: {host: web}, weight: 100}, {destination: {host: api}, weight: 0}], mirror: {host: api}}]}',
      ),
    ['gateway edge/gw (*) -> shop/web:8080 /x', 'gateway edge/gw (*) -> shop/api:80 /x'],
  ],
  [
    'TCP and TLS routes',
    'gateway-route',
    shop +
      route(
        'shop/web',
        '{hosts: [db.example.com], gateways: [edge/gw], tls: [{match: [{sniHosts: [db.example.com]}], route: [{destination: {host: web}}]}], tcp: [{route: [{destination: {host: api}}]}]}',
      ),
    ['gateway edge/gw (db.example.com) -> shop/web:8080', 'gateway edge/gw (db.example.com) -> shop/api:80'],
  ],
  [
    'nothing for a route of the sidecars, or one that the gateway does not serve',
    'gateway-route',
    shop +
      gateway('edge/team', 'other.example.com') +
      route('shop/mesh', `{hosts: [web], http: [${toWeb}]}`) +
      route('shop/none', `{hosts: [web.example.com], gateways: [edge/team, mesh], http: [${toWeb}]}`),
    [],
  ],
  [
    'an HTTPRoute on a Gateway of Istio, which runs as an account of its own',
    'gateway-api-route',
    shop +
      kubernetesGateway('istio') +
      http(
        'HTTPRoute',
        '{parentRefs: [{name: public, namespace: edge}], rules: [{matches: [{path: {type: PathPrefix, value: /shop}}], backendRefs: [{name: web, port: 8080}]}]}',
      ),
    ['edge/public -> shop/web:8080 /shop'],
  ],
  [
    'GRPCRoute, TLSRoute, TCPRoute of a Gateway that nobody has read',
    'gateway-api-route',
    shop +
      ['GRPCRoute', 'TLSRoute', 'TCPRoute']
        .map((kind) =>
          http(
            kind,
            '{parentRefs: [{name: public, namespace: edge}], rules: [{backendRefs: [{name: web, port: 8080}]}]}',
          ),
        )
        .join(''),
    Array(3).fill('unknown (the Gateway edge/public) -> shop/web:8080') as string[],
  ],
  [
    'an HTTPRoute of another controller’s Gateway, and none of a Service in the mesh',
    'gateway-api-route',
    shop +
      kubernetesGateway('gke-l7-global-external-managed') +
      http(
        'HTTPRoute',
        '{parentRefs: [{name: public, namespace: edge}, {kind: Service, group: "", name: web}], rules: [{backendRefs: [{name: web, port: 8080}]}]}',
      ),
    ['outside -> shop/web:8080'],
  ],
  [
    'an Ingress of a cloud',
    'ingress',
    shop + ingress(`{ingressClassName: alb, ${backend}}`),
    ['outside -> shop/web:8080'],
  ],
  [
    'an Ingress of a cloud that only its annotations show',
    'ingress',
    shop + ingress(`{${backend}}`, ', annotations: {alb.ingress.kubernetes.io/scheme: internal}'),
    ['outside -> shop/web:8080'],
  ],
  [
    'an Ingress of a controller in the cluster, by path',
    'ingress',
    shop +
      controller('ingress/nginx', 'registry.k8s.io/ingress-nginx/controller:v1.12.0') +
      ingress(
        '{ingressClassName: nginx, rules: [{host: shop.example.com, http: {paths: [{path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}}]}',
      ),
    ['ingress/nginx -> shop/api:80 /api'],
  ],
  [
    'an Ingress of the cluster’s default class, by the chart that serves it',
    'ingress',
    shop +
      object(
        'networking.k8s.io/v1',
        'IngressClass',
        'edge',
        'spec: {controller: traefik.io/ingress-controller}',
        ', annotations: {ingressclass.kubernetes.io/is-default-class: "true"}',
      ) +
      object(
        'helm.toolkit.fluxcd.io/v2',
        'HelmRelease',
        'flux-system/traefik',
        'spec: {targetNamespace: traefik, chart: {spec: {chart: traefik}}}',
      ) +
      ingress(`{${backend}}`),
    ['traefik/* -> shop/web:8080'],
  ],
  [
    'an Ingress of the mesh’s own class, in the old annotation',
    'ingress',
    shop + ingress(`{${backend}}`, ', annotations: {kubernetes.io/ingress.class: istio}'),
    ['istio-system/ingress-gateway -> shop/web:8080'],
  ],
  [
    'an Ingress of a class that nothing defines, and one without a class',
    'ingress',
    shop +
      ingress(`{ingressClassName: corporate, ${backend}}`) +
      ingress(`{${backend}}`).replace('front', 'back'),
    [
      'unknown (the controller of corporate) -> shop/web:8080',
      'unknown (the default ingress controller) -> shop/web:8080',
    ],
  ],
  [
    'Traefik’s own routes, and a target group',
    'foreign-route',
    shop +
      controller('traefik/traefik', 'traefik:v3.1') +
      object(
        'traefik.io/v1alpha1',
        'IngressRoute',
        'shop/web',
        'spec: {routes: [{match: "Host(`x`)", services: [{name: web, port: 8080}, {kind: TraefikService, name: other}]}]}',
      ) +
      object(
        'elbv2.k8s.aws/v1beta1',
        'TargetGroupBinding',
        'shop/web',
        'spec: {serviceRef: {name: web, port: http}}',
      ),
    ['traefik/traefik -> shop/web:8080', 'outside -> shop/web:8080'],
  ],
];

describe('ways in by routes', () => {
  it.each(cases)('%s', (_, way, manifests, found) => {
    expect(entrances(manifests, way)).toEqual(found);
  });

  it('names the object and the line that open a way', () => {
    const [entrance] = entrancesOf(inventoryOf(shop + ingress(`{ingressClassName: alb, ${backend}}`)));

    expect(entrance?.evidence).toEqual([
      { source: 'manifests', way: 'ingress', object: 'Ingress shop/front', file: 'mesh.yaml', line: 35 },
    ]);
  });
});
