import type { Inventory } from '../../mesh/inventory.ts';
import type { Entrance } from '../../model/traffic.ts';
import type { EntranceCollector } from '../entrance.ts';
import apiServer from './api-server.ts';
import ingress from './ingress.ts';
import named from './named.ts';

const collectors: readonly EntranceCollector[] = [named, apiServer, ingress];

/** Every way into the pods of a cluster that its built objects open. */
export function entrancesOf(inventory: Inventory): readonly Entrance[] {
  return inventory.once(computeEntrances);
}

function computeEntrances(inventory: Inventory): readonly Entrance[] {
  return collectors.flatMap((collector) => [...collector.find(inventory)]);
}
