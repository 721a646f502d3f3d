import type { NamespaceSpec } from '../../src/model/fleet.ts';
import { service, spec } from '../fakes/spec.ts';

export const overlay = 'deploy/overlays/lab';
export const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
`;
export const labelled = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/rev: stable
`;
export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: catalog
spec:
  selector:
    matchLabels: {app: catalog}
  template:
    metadata:
      labels: {app: catalog}
    spec:
      serviceAccountName: catalog
      containers:
        - name: catalog
          image: catalog:1
          ports: [{containerPort: 8080, name: web}]
`;
export const k8sService = `apiVersion: v1
kind: Service
metadata:
  name: catalog
spec:
  selector: {app: catalog}
  ports: [{port: 8080, targetPort: web, name: http}]
`;
export const kustomization = (...resources: string[]) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
${resources.map((each) => `- ${each}\n`).join('')}`;

/** A flat application with a Namespace, a Deployment and a Service, plus what a case brings. */
export function app(files: Readonly<Record<string, string>> = {}): Record<string, string> {
  const below = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${overlay}/${name}`, text]));
  return {
    [`${overlay}/kustomization.yaml`]: kustomization(
      'namespace.yaml',
      'app.yaml',
      'service.yaml',
      ...Object.keys(files),
    ),
    [`${overlay}/namespace.yaml`]: namespace,
    [`${overlay}/app.yaml`]: deployment,
    [`${overlay}/service.yaml`]: k8sService,
    ...below,
  };
}

export const withHost = (changes: Partial<NamespaceSpec> = {}) =>
  spec({ services: [service({ hosts: ['shop.lab.example.com'], gatewayPort: 8080 })], ...changes });

export const virtualService = (body: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: storefront # the shop's front door
spec:
${body}  http:
  - route:
    - destination: {host: catalog, port: {number: 8080}}
`;
