import type { YamlPath } from '../model/json.ts';
import type { FleetClusterEntry, EnvironmentEntry } from './schema.ts';

/** A cluster as written, defaults of the fleet filled in, and where each value stands. */
export interface WrittenCluster {
  readonly entry: FleetClusterEntry;
  readonly environment: EnvironmentEntry;
  readonly at: YamlPath;
  /** Where a value was written: at the cluster, or in clusterDefaults. */
  readonly placeOf: (key: keyof FleetClusterEntry) => YamlPath;
}
