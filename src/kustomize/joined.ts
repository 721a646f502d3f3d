import { stringAt, type JsonObject } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import { idOf, isGone, kindOf, type Building } from './building.ts';

/** Takes objects into a level of a kustomization, as kustomize does: it refuses a second one of the same version, kind,
 *  namespace and name.
 *  @returns takes more into `objects`, and gives the ids that kustomize refuses
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/resmap/reswrangler.go Append */
export function joinerOf(objects: Building[]): (more: readonly Building[]) => readonly string[] {
  const taken = new Set(objects.filter((each) => !isGone(each)).map(({ value }) => printedId(value)));
  return (more) => {
    const refused: string[] = [];
    for (const object of more) {
      const id = printedId(object.value);
      if (taken.has(id)) refused.push(id);
      taken.add(id);
      objects.push(object);
    }
    return refused;
  };
}

/** An id as kustomize prints it.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/resid/resid.go String */
export function printedId(value: JsonObject): string {
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  const group = groupOf(apiVersion);
  const version = group === '' ? apiVersion : apiVersion.slice(group.length + 1);
  const { name, namespace } = idOf(value);
  const type = [kindOf(value), version || '[noVer]', group || '[noGrp]'].join('.');
  return `${type}/${name || '[noName]'}.${namespace || '[noNs]'}`;
}
