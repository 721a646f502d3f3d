import type { MeshSpec, NamespaceSpec, PortSpec, ServiceSpec } from '../model/fleet.ts';
import type { JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { declaredResource } from '../flux/resource.ts';
import { workloadOf, type Workload } from './workload.ts';

/** A namespace with what a fleet leaves to its repository filled in: the pods of a service carry a label of its name, and
 *  listen on the Service's own ports. */
export function withStandIns(spec: NamespaceSpec): NamespaceSpec {
  return { ...spec, services: spec.services.map(standIn) };
}

function standIn(service: ServiceSpec): ServiceSpec {
  return {
    ...service,
    selector: selectorOf(service),
    ports: service.ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.number })),
  };
}

function selectorOf({ name, selector }: ServiceSpec): Readonly<Record<string, string>> {
  return selector ?? { app: name };
}

/** The application's own manifests as a fleet declares them, standing in for a repository that nobody has read: the
 *  Namespace with the mesh's label from stage joined on, and a Service and a Deployment for each service.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export function standInsOf(spec: NamespaceSpec, file: string): readonly Resource[] {
  const { namespace, stage, mesh, services } = spec;
  const labels = stage === 'outside' ? {} : { 'istio.io/rev': mesh.revision };
  const make = (apiVersion: string, kind: string, name: string, own: JsonObject) =>
    declaredResource({ apiVersion, kind, metadata: { name, namespace }, spec: own }, file);
  const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
  const workloads = new Map(services.map((each) => [JSON.stringify(selectorOf(each)), each]));
  return [
    declaredResource(namespaceObject, file),
    ...services
      .filter(({ ports }) => ports.length > 0)
      .map((service) =>
        make('v1', 'Service', service.name, {
          selector: selectorOf(service),
          ports: service.ports.map(portOf),
        }),
      ),
    ...[...workloads.values()].map((service) =>
      make('apps/v1', 'Deployment', service.name, {
        template: {
          metadata: { labels: selectorOf(service) },
          spec: { serviceAccountName: service.serviceAccount, containers: [] },
        },
      }),
    ),
  ];
}

/** A pod that a controller makes when it needs it, of which no manifest holds more than its labels. */
export function standInPod(
  namespace: string,
  name: string,
  { labels, annotations }: Pick<Workload, 'labels' | 'annotations'>,
): Workload {
  const metadata = { name, namespace, labels, annotations };
  const value = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } };
  const workload = workloadOf(declaredResource(value, ''));
  if (workload === undefined) throw new Error('a Pod is a workload');
  return workload;
}

function portOf({ number, protocol, targetPort }: PortSpec): JsonObject {
  return { name: `${protocol}-${String(number)}`, port: number, targetPort: targetPort ?? number };
}

/** The shared Gateway, as a cluster's bundle brings it: any host, no server name needed (FIELD-REPORT 4). */
export function standInGateway({ gateway: { name, namespace } }: MeshSpec, file: string): Resource {
  const server = {
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    tls: { mode: 'SIMPLE', credentialName: 'istio-ingressgateway-tls' },
    hosts: ['*/*'],
  };
  const spec = { selector: { istio: 'ingressgateway' }, servers: [server] };
  const metadata = { name, namespace };
  return declaredResource({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata, spec }, file);
}
