import type { ClusterGenerator } from '../../src/model/generator.ts';
import applicationOrder from './application-order.ts';
import centralNamespaces from './central-namespaces.ts';
import gatewayCertificate from './gateway-certificate.ts';
import istioBase from './istio-base.ts';
import istioCharts from './istio-charts.ts';
import istioIngressgateway from './istio-ingressgateway.ts';
import istiod from './istiod.ts';
import meshDestinationRules from './mesh-destination-rules.ts';
import meshIngress from './mesh-ingress.ts';
import meshKustomizations from './mesh-kustomizations.ts';
import meshNamespaces from './mesh-namespaces.ts';
import meshVariables from './mesh-variables.ts';
import peerAuthentication from './peer-authentication.ts';
import sharedGatewayOfNamespaces from './shared-gateway-of-namespaces.ts';
import sharedGateway from './shared-gateway.ts';
import telemetry from './telemetry.ts';

/** The files of a cluster's bundle, in the order Flux gets through them. */
export const clusterGenerators: readonly ClusterGenerator[] = [
  meshNamespaces,
  istioCharts,
  istioBase,
  istiod,
  istioIngressgateway,
  sharedGateway,
  gatewayCertificate,
  peerAuthentication,
  telemetry,
  meshIngress,
  sharedGatewayOfNamespaces,
  meshDestinationRules,
  centralNamespaces,
  meshKustomizations,
  meshVariables,
  applicationOrder,
];
