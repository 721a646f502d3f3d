import type { Build, BuiltCluster } from '../flux/build.ts';
import { readDirectories } from '../flux/cluster-changes.ts';
import type { FluxKustomization } from '../flux/flux-object.ts';
import { isIstioRelease } from '../mesh/installed-mesh.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import { listAt, stringAt } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Problem } from '../model/problem.ts';

const page = 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies';

/** Whether Flux may apply objects of the mesh before their types exist: on a new cluster it then fails the whole Kustomization
 *  of the application, and tries again only at its next interval.
 *  @returns problems `flux-order` and `flux-wait`, none where Git does not show what installs Istio's types
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies */
export function orderProblems(
  spec: NamespaceSpec,
  { builds }: BuiltCluster,
  cluster: string,
): readonly Problem[] {
  if (spec.stage === 'outside') return [];
  const types = builds.filter(({ objects }) => objects.some(({ manifest }) => bringsTypes(manifest)));
  const [first] = types;
  const brought = first?.kustomization;
  if (first === undefined || brought === undefined) return [];
  const own = builds.filter(
    (build) => build.repository === spec.repository && readDirectories(build).has(spec.directory),
  );
  return own.flatMap((build): readonly Problem[] => {
    const { kustomization } = build;
    if (kustomization === undefined || types.includes(build)) return [];
    const before = waitedFor(build, builds);
    const waiting = types.filter((each) => before.has(each));
    const [awaited] = waiting;
    if (awaited !== undefined)
      return waiting.some(({ kustomization: each }) => each === undefined || waits(each))
        ? []
        : [withoutWait(awaited, build)];
    const name = `${brought.namespace}/${brought.name}`;
    const entry =
      brought.namespace === kustomization.namespace
        ? `{name: ${brought.name}}`
        : `{name: ${brought.name}, namespace: ${brought.namespace}}`;
    return [
      {
        rule: 'flux-order',
        severity: 'warning',
        message: `Kustomization ${build.id} on ${cluster} will apply objects of the mesh, but does not depend on ${name}, which installs their types: on a new cluster Flux fails all of it until the next interval.`,
        fix: `Add dependsOn: [${entry}] to its spec (${placeOf(kustomization)})${waits(brought) ? '' : `, and wait: true to that of ${name} (${placeOf(brought)})`}.`,
        see: page,
      },
    ];
  });
}

function bringsTypes(manifest: Manifest): boolean {
  const { kind, builtName, built } = manifest;
  if (kind === 'CustomResourceDefinition') return builtName.endsWith('.istio.io');
  const chart =
    stringAt(built, 'spec', 'chart', 'spec', 'chart') ?? stringAt(built, 'spec', 'chartRef', 'name');
  return isIstioRelease(manifest) && (chart?.split('/').at(-1) ?? '').endsWith('base');
}

/** Every build that Flux finishes before another: what it depends on, and what the builds that create it depend on. */
function waitedFor(build: Build, builds: readonly Build[]): ReadonlySet<Build> {
  const byId = new Map(builds.map((each) => [each.id, each]));
  const makers = new Map(
    builds.flatMap((each) => each.objects.map(({ manifest }) => [manifest, each] as const)),
  );
  const found = new Set<Build>();
  const seen = new Set<Build>();
  const open = [build];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const { kustomization } = next;
    if (kustomization === undefined) continue;
    for (const each of listAt(kustomization.spec, 'dependsOn')) {
      const id = `${stringAt(each, 'namespace') ?? kustomization.namespace}/${stringAt(each, 'name') ?? ''}`;
      const dependency = byId.get(id);
      if (dependency === undefined) continue;
      found.add(dependency);
      open.push(dependency);
    }
    const maker = makers.get(kustomization.manifest);
    if (maker !== undefined) open.push(maker);
  }
  return found;
}

function waits({ spec }: FluxKustomization): boolean {
  return spec.wait === true || listAt(spec, 'healthChecks').length > 0;
}

/** A dependency is over as soon as its objects are applied; a chart is not installed by then. */
function withoutWait(types: Build, build: Build): Problem {
  const { kustomization } = types;
  return {
    rule: 'flux-wait',
    severity: 'warning',
    message: `Kustomization ${types.id} installs the types of the mesh, and ${build.id} depends on it, but it does not wait: it is ready before the types are there.`,
    fix: `Add wait: true to its spec${kustomization === undefined ? '' : ` (${placeOf(kustomization)})`}.`,
    see: page,
  };
}

/** Where a Kustomization is written, which may be another repository than that of the bundle. */
function placeOf({ repository, manifest }: FluxKustomization): string {
  const { file, line } = manifest.locationOf(['spec']);
  return `${repository} ${file}:${String(line)}`;
}
