import { listAt, stringAt } from '../../src/model/json.ts';
import type { ClusterSpec } from '../../src/model/fleet.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { isFluxKustomization, pathInSource } from '../../src/k8s/flux-kustomization.ts';
import { clusterGenerator } from './shared.ts';

const after = 'mesh-config';

/** Applications in the mesh come after its configuration: their Flux Kustomizations, where this directory has them, depend on
 *  it.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies */
export default clusterGenerator({
  id: 'application-order',
  part: 'cluster',
  why: () => 'applications in the mesh come after its configuration',
  reconcile: (spec, tree) => ({
    actions: tree.manifests
      .filter((manifest) => isOfNamespace(manifest, spec))
      .filter(
        ({ built }) => !listAt(built, 'spec', 'dependsOn').some((each) => stringAt(each, 'name') === after),
      )
      .map((manifest) => ({
        do: 'edit',
        manifest,
        why: 'its namespace is in the mesh, so it comes after the configuration of the mesh',
        edits: [{ op: 'append', path: ['spec', 'dependsOn'], value: { name: after } }],
      })),
    problems: [],
  }),
});

function isOfNamespace(manifest: Manifest, spec: ClusterSpec): boolean {
  // A name without a namespace would mean a Kustomization beside this one.
  if (!isFluxKustomization(manifest) || manifest.builtNamespace !== 'flux-system') return false;
  const path = pathInSource(stringAt(manifest.built, 'spec', 'path'));
  return spec.namespaces.some(
    ({ stage, directory }) => stage !== 'outside' && directory !== '' && directory === path,
  );
}
