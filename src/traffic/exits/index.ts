import type { Inventory } from '../../mesh/inventory.ts';
import type { Exit } from '../../model/traffic.ts';
import type { ExitCollector } from '../entrance.ts';
import credentials from './credentials.ts';
import externalName from './external-name.ts';
import namedHost from './named-host.ts';

const collectors: readonly ExitCollector[] = [namedHost, externalName, credentials];

/** Every way out of the cluster that its built objects say a workload takes. */
export function exitsOf(inventory: Inventory): readonly Exit[] {
  return inventory.once(computeExits);
}

function computeExits(inventory: Inventory): readonly Exit[] {
  return collectors.flatMap((collector) => [...collector.find(inventory)]);
}
