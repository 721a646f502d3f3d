import type { Client } from '../../src/mesh/client.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { resourcesOfDocument } from '../../src/flux/resource.ts';
import {
  declareSettings,
  defaultSettings,
  type DeclaredSetting,
  type MeshSettings,
} from '../../src/mesh/settings.ts';
import type { Resource } from '../../src/model/resource.ts';
import { readYaml } from '../../src/yaml/read.ts';

/** The cluster that some manifests make up. */
export function inventoryOf(
  text: string,
  settings: { readonly [Name in DeclaredSetting]?: MeshSettings[Name] } = {},
): Inventory {
  return new Inventory(resourcesOf(text), declareSettings(defaultSettings, settings));
}

export function resourcesOf(text: string, file = 'mesh.yaml'): readonly Resource[] {
  const read = readYaml(text, file);
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join(' '));
  return read.value.documents.flatMap((document) => resourcesOfDocument(document, file, undefined));
}

/** A sidecar of a namespace. */
export function client(namespace: string, labels: Readonly<Record<string, string>> = {}): Client {
  return { namespace, labels, isGateway: false };
}

type Kind =
  | 'AuthorizationPolicy'
  | 'DestinationRule'
  | 'Gateway'
  | 'PeerAuthentication'
  | 'ServiceEntry'
  | 'Sidecar'
  | 'VirtualService';

const security = new Set<Kind>(['AuthorizationPolicy', 'PeerAuthentication']);

/** A document with an Istio object: `istio('Sidecar', 'shop/default', '{egress: [{hosts: ["./*"]}]}')`. */
export function istio(kind: Kind, place: string, spec: string, annotations = '{}'): string {
  const [namespace, name] = place.split('/');
  const group = security.has(kind) ? 'security' : 'networking';
  return `---
apiVersion: ${group}.istio.io/v1
kind: ${kind}
metadata: {namespace: ${namespace ?? ''}, name: ${name ?? ''}, annotations: ${annotations}}
spec: ${spec}
`;
}

/** A document with a Service. */
export function service(place: string, spec: string): string {
  const [namespace, name] = place.split('/');
  return `---
apiVersion: v1
kind: Service
metadata: {namespace: ${namespace ?? ''}, name: ${name ?? ''}}
spec: ${spec}
`;
}
