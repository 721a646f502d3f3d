import { listAt, objectAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { serviceHost } from '../k8s/host.ts';
import { parseProtocol, protocolOf, type Protocol } from '../k8s/protocol.ts';
import { transportOf } from '../k8s/container-port.ts';
import { labelsAt } from '../k8s/selector.ts';
import type { MeshSettings } from './settings.ts';

export interface ServicePort {
  readonly path: YamlPath;
  readonly name: string | undefined;
  readonly number: number;
  /** Container port, by number or name. */
  readonly targetPort: number | string;
  readonly appProtocol: string | undefined;
  /** TCP, UDP or SCTP. */
  readonly transport: string;
  readonly protocol: Protocol;
}

/** A Kubernetes Service as the mesh sees it. */
export interface Service {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  /** Its full name in the mesh. */
  readonly host: string;
  /** undefined: its endpoints come from somewhere else. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly isHeadless: boolean;
  /** The name it stands for, when it is of type ExternalName. */
  readonly externalName: string | undefined;
  /** As its annotation says; empty: to all. */
  readonly exportTo: readonly string[];
  readonly ports: readonly ServicePort[];
}

export function serviceOf(resource: Resource, settings: MeshSettings): Service {
  const { spec, namespace, name } = resource;
  const selector = labelsAt(spec, 'selector');
  return {
    resource,
    namespace,
    name,
    host: serviceHost(name, namespace, settings.clusterDomain),
    selector: Object.keys(selector).length > 0 ? selector : undefined,
    isHeadless: spec.clusterIP === 'None',
    externalName: spec.type === 'ExternalName' ? (stringAt(spec, 'externalName') ?? '') : undefined,
    exportTo: (resource.annotations['networking.istio.io/exportTo'] ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
    ports: listAt(spec, 'ports').flatMap((port, index) => {
      const number = valueAt(port, 'port');
      if (typeof number !== 'number') return [];
      const target = valueAt(port, 'targetPort');
      const said = {
        path: ['spec', 'ports', index],
        name: stringAt(port, 'name'),
        number,
        targetPort: typeof target === 'number' || typeof target === 'string' ? target : number,
        appProtocol: stringAt(port, 'appProtocol'),
        transport: transportOf(port),
      };
      return [{ ...said, protocol: protocolOf(said) }];
    }),
  };
}

/** A ServiceEntry as the mesh sees it. */
export interface ServiceEntry {
  readonly resource: Resource;
  readonly namespace: string;
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly exportTo: readonly string[];
  readonly isExternal: boolean;
  readonly resolution: string;
  readonly ports: readonly Pick<ServicePort, 'path' | 'name' | 'number' | 'targetPort' | 'protocol'>[];
}

export function serviceEntryOf(resource: Resource): ServiceEntry {
  const { spec, namespace } = resource;
  const strings = (key: string) => listAt(spec, key).filter((each) => typeof each === 'string');
  return {
    resource,
    namespace,
    hosts: strings('hosts'),
    addresses: strings('addresses'),
    exportTo: strings('exportTo'),
    isExternal: stringAt(spec, 'location') !== 'MESH_INTERNAL',
    resolution: stringAt(spec, 'resolution') ?? 'NONE',
    ports: listAt(spec, 'ports').flatMap((port, index) => {
      const { number, name, protocol, targetPort } = objectAt(port);
      if (typeof number !== 'number') return [];
      return [
        {
          path: ['spec', 'ports', index],
          name: typeof name === 'string' ? name : undefined,
          number,
          targetPort: typeof targetPort === 'number' ? targetPort : number,
          // Neither the name nor the number counts here.
          protocol: parseProtocol(typeof protocol === 'string' ? protocol : '') ?? 'sniffed',
        },
      ];
    }),
  };
}
