import type { Fleet } from '../model/fleet.ts';
import { declareSettings, defaultSettings, type MeshSettings } from './settings.ts';

/** What a fleet file declares of the mesh. */
export function settingsOfFleet({ mesh }: Fleet): MeshSettings {
  const { gateway } = mesh;
  return declareSettings(defaultSettings, {
    rootNamespace: mesh.rootNamespace,
    trustDomain: mesh.trustDomain,
    dnsCapture: mesh.dnsCapture,
    istioVersion: mesh.istioVersion,
    gateways: [
      {
        gateway: `${gateway.namespace}/${gateway.name}`,
        podNamespace: gateway.podNamespace,
        serviceAccount: gateway.serviceAccount,
      },
    ],
  });
}
