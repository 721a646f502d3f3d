import { replicatedKinds } from '../k8s/pod-template.ts';
import { listAt, stringAt } from '../model/json.ts';
import type { KustomizationFile } from '../model/manifest.ts';
import { isGone, kindOf, refusedBuild, type Building, type Refuse } from './building.ts';

/** Refuses `replicas` of a workload that is not there, as kustomize does.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/ReplicaCountTransformer.go */
export function checkReplicas(objects: readonly Building[], level: KustomizationFile, refuse: Refuse): void {
  const key = level.key('replicas');
  for (const [index, entry] of listAt(level.value, key).entries()) {
    const name = stringAt(entry, 'name') ?? '';
    const isThere = objects.some(
      (object) =>
        !isGone(object) &&
        replicatedKinds.includes(kindOf(object.value)) &&
        object.ids.some((id) => id.name === name),
    );
    if (!isThere)
      refuse('kustomize-replicas', level.locationOf([key, index]), {
        message: refusedBuild(
          `resource with name ${name} does not match a config with the following GVK [${replicatedKinds.join(' ')}]`,
        ),
        fix: 'Correct the name, or remove the entry.',
      });
  }
}
