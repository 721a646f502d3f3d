import type { Fleet } from '../model/fleet.ts';
import { discoverSettings } from './discover-settings.ts';
import { settingsOfFleet } from './fleet-settings.ts';
import { Inventory } from './inventory.ts';
import { defaultSettings } from './settings.ts';
import { possibleClusters, type FolderBuild } from '../flux/possible-clusters.ts';

/** The clusters that builds can make up, each with what is known of its mesh: by its manifests, and where they say
 *  nothing, by the fleet. */
export function inventoriesOf(builds: readonly FolderBuild[], fleet?: Fleet): readonly Inventory[] {
  const declared = fleet === undefined ? defaultSettings : settingsOfFleet(fleet);
  return possibleClusters(builds).map((cluster) => {
    const resources = cluster.builds.flatMap((build) => build.resources);
    const environments = new Set(cluster.builds.flatMap(({ environment }) => environment ?? []));
    const [environment] = environments;
    return new Inventory(
      resources,
      discoverSettings(resources, declared),
      fleet === undefined
        ? undefined
        : { fleet, environment: environments.size === 1 ? environment : undefined },
      cluster.isPartial,
    );
  });
}
