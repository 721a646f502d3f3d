import type { Inventory } from '../mesh/inventory.ts';
import type { Call } from '../model/traffic.ts';
import { entrancesOf } from './entrances/index.ts';
import { exitsOf } from './exits/index.ts';

/** Calls that built objects speak of: every way into the cluster's pods, and every way out of it. */
export function scannedCalls(inventory: Inventory): readonly Call[] {
  return [...entrancesOf(inventory), ...exitsOf(inventory)];
}
