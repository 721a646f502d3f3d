import type { Generator } from '../../src/model/generator.ts';
import virtualService from './virtual-service.ts';
import ownedRoutes from './owned-routes.ts';
import istioSidecar from './istio-sidecar.ts';
import istioAuthorizationPolicy from './istio-authorizationpolicy.ts';
import istioDestinationRule from './istio-destinationrule.ts';
import istioPeerAuthentication from './istio-peerauthentication.ts';
import istioServiceEntry from './istio-serviceentry.ts';
import namespaceLabel from './namespace-label.ts';
import workloadRestart from './workload-restart.ts';

/** The files of a namespace's bundle, in the order a reader of the pull request meets them. */
export const namespaceGenerators: readonly Generator[] = [
  namespaceLabel,
  virtualService,
  ownedRoutes,
  istioSidecar,
  istioAuthorizationPolicy,
  istioDestinationRule,
  istioServiceEntry,
  istioPeerAuthentication,
  workloadRestart,
];
