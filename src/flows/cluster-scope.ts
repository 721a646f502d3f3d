import { settingsOfFleet } from '../mesh/fleet-settings.ts';
import { discoverSettings } from '../mesh/discover-settings.ts';
import { builtByFlux, builtFrom, type Built } from '../flux/flux-builds.ts';
import { Inventory } from '../mesh/inventory.ts';
import { withMeshWideStrict } from '../mesh/mesh-wide-strict.ts';
import { resourcesOfDocument } from '../flux/resource.ts';
import type { ClusterTarget, Fleet, NamespaceSpec } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { describeResource, type Resource } from '../model/resource.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import type { Checkouts } from './checkouts.ts';

/** One cluster of the fleet, or an environment whose clusters are not declared. */
export interface ClusterScope {
  readonly environment: string;
  readonly cluster: string | undefined;
  readonly specs: readonly NamespaceSpec[];
  /** undefined: nothing generates the cluster's own half of the mesh. */
  readonly target: ClusterTarget | undefined;
}

/** The places of some environments, in the fleet's order. */
export function clusterScopes(fleet: Fleet, environments: ReadonlySet<string>): readonly ClusterScope[] {
  const chosen = fleet.environments.filter(({ name }) => environments.has(name));
  return chosen.flatMap(({ name: environment, clusters }) => {
    const names = clusters.length === 0 ? [undefined] : clusters.map(({ name }) => name);
    return names.map((cluster): ClusterScope => {
      const here = fleet.targets.filter((target) => target.environment === environment);
      return {
        environment,
        cluster,
        specs: here.flatMap((target) =>
          target.kind === 'cluster'
            ? []
            : target.specs
                .filter((spec) => spec.cluster === undefined || spec.cluster === cluster)
                .slice(0, 1),
        ),
        target: here
          .filter((target) => target.kind === 'cluster')
          .find((target) => target.cluster === cluster),
      };
    });
  });
}

/** The objects of a place as the repositories are. What does not build is left out, and said.
 *  @param isStrict  whether plaintext is refused, where no bundle of the cluster says it */
export async function readInventory(
  place: ClusterScope,
  fleet: Fleet,
  checkouts: Checkouts,
  isStrict: boolean,
): Promise<Outcome<Inventory>> {
  const found = new Map<string, Resource>();
  const problems: Problem[] = [];
  const add = (resources: readonly Resource[]) => {
    for (const each of resources) {
      const id = `${each.group} ${describeResource(each)}`;
      if (!found.has(id)) found.set(id, each);
    }
  };
  for (const spec of place.specs) {
    const { repository, directory, namespace, namespaceManifest: manifest } = spec;
    const built = await read(checkouts, repository, (snapshot) =>
      builtFrom(snapshot, directory, `${repository}/`, namespace),
    );
    if (!built.ok) return built;
    add(built.value);
    problems.push(...built.problems);
    if (manifest.kind !== 'file') continue;
    const own = await read(checkouts, manifest.repository, (snapshot) => fileAt(snapshot, manifest));
    if (!own.ok) return own;
    add(own.value.filter(({ known, name }) => known === 'Namespace' && name === namespace));
  }
  if (place.target !== undefined) {
    const { repository, spec } = place.target;
    const built = await read(checkouts, repository, (snapshot) =>
      builtByFlux(snapshot, spec.directory, spec.source.name, `${repository}/`),
    );
    if (!built.ok) return built;
    add(built.value);
    problems.push(...built.problems);
  }
  const settings = settingsOfFleet(fleet);
  const all = [...found.values()];
  const resources =
    isStrict && place.target === undefined ? withMeshWideStrict(all, settings.rootNamespace) : all;
  const view = { fleet, environment: place.environment };
  return success(new Inventory(resources, discoverSettings(resources, settings), view), problems);
}

async function read(
  checkouts: Checkouts,
  repository: RepositoryId,
  look: (snapshot: Snapshot) => Reading<Built>,
): Promise<Outcome<readonly Resource[]>> {
  const built = await checkouts.read(repository, look);
  if (!built.ok) return built;
  const { resources, problems } = built.value;
  const errors = problems.filter(({ severity }) => severity === 'error');
  // The rest is still reported when something does not build today.
  return success(
    resources,
    errors.map((each) => ({ ...each, severity: 'warning' as const, repository })),
  );
}

function fileAt(
  snapshot: Snapshot,
  { repository, path }: Extract<NamespaceSpec['namespaceManifest'], { kind: 'file' }>,
): Reading<Built> {
  const text = snapshot.files.get(path);
  if (text === undefined && snapshot.paths.has(path) && !snapshot.unreadable.has(path))
    return { needs: [path] };
  const stream = readYaml(text ?? '', path);
  if (!stream.ok) return known({ resources: [], problems: stream.problems });
  const resources = stream.value.documents.flatMap((document) =>
    resourcesOfDocument(document, `${repository}/${path}`, undefined),
  );
  return known({ resources, problems: [] });
}
