import type { Inventory } from '../../mesh/inventory.ts';
import type { Entrance } from '../../model/traffic.ts';
import type { EntranceCollector } from '../entrance.ts';
import acmeSolver from './acme-solver.ts';
import apiServer from './api-server.ts';
import exposedService from './exposed-service.ts';
import flagger from './flagger.ts';
import foreignRoute from './foreign-route.ts';
import gatewayApiRoute from './gateway-api-route.ts';
import gatewayRoute from './gateway-route.ts';
import hostPort from './host-port.ts';
import ingress from './ingress.ts';
import keda from './keda.ts';
import knative from './knative.ts';
import named from './named.ts';
import peer from './peer.ts';
import probe from './probe.ts';
import rolloutAnalysis from './rollout-analysis.ts';
import scrape from './scrape.ts';

const collectors: readonly EntranceCollector[] = [
  gatewayRoute,
  gatewayApiRoute,
  ingress,
  foreignRoute,
  exposedService,
  hostPort,
  apiServer,
  probe,
  scrape,
  acmeSolver,
  flagger,
  rolloutAnalysis,
  knative,
  keda,
  peer,
  named,
];

/** Every way into the pods of a cluster that its built objects open. */
export function entrancesOf(inventory: Inventory): readonly Entrance[] {
  return inventory.once(computeEntrances);
}

function computeEntrances(inventory: Inventory): readonly Entrance[] {
  return collectors.flatMap((collector) => [...collector.find(inventory)]);
}
