import type { Inventory } from './inventory.ts';

/** Values of `istio.io/rev` that some control plane answers to, as manifests or else the fleet file say. */
export interface KnownRevisions {
  readonly all: readonly string[];
  /** The one to label namespaces with; undefined: there are several to choose from. */
  readonly preferred: string | undefined;
  /** Whether all of them must be known: manifests of the control plane were read, or the fleet makes them. */
  readonly isComplete: boolean;
}

/** @returns undefined: nothing says */
export function knownRevisions(inventory: Inventory): KnownRevisions | undefined {
  const { settings, fleet } = inventory;
  const wanted = fleet?.fleet.mesh.revision;
  if (settings.revisions !== undefined) {
    const [only, ...others] = settings.revisions;
    const isWantedThere = wanted !== undefined && settings.revisions.includes(wanted);
    return {
      all: settings.revisions,
      preferred: isWantedThere ? wanted : others.length === 0 ? only : undefined,
      isComplete: true,
    };
  }
  if (fleet === undefined || wanted === undefined) return undefined;
  const clusters = fleet.fleet.targets.flatMap((target) => (target.kind === 'cluster' ? [target.spec] : []));
  return {
    all: [...new Set([wanted, ...clusters.map(({ controlPlane }) => controlPlane.revision)])],
    preferred: wanted,
    isComplete: clusters.length > 0,
  };
}
