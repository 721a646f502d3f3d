import { isObject, listAt, objectAt, stringAt, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { entranceCollector } from '../entrance.ts';
import { controllerCaller, namedCalls, textsIn } from '../ways.ts';

const keda = { name: 'KEDA', image: /(?:^|\/)keda(?:[:@]|$)/, chart: /^keda$/ };

/** Triggers of KEDA's scalers: its operator asks the Services that they name, or that a variable of the scaled workload names.
 *  @see https://keda.sh/docs/latest/concepts/scaling-deployments/ */
export default entranceCollector({
  way: 'keda',
  *find(inventory) {
    for (const kind of ['ScaledObject', 'ScaledJob'] as const)
      for (const resource of inventory.of(kind)) {
        const from = controllerCaller(keda, inventory);
        for (const [index, trigger] of listAt(resource.spec, 'triggers').entries()) {
          const at: YamlPath = ['spec', 'triggers', index, 'metadata'];
          const metadata = objectAt(trigger, 'metadata');
          for (const { path, text } of textsIn(metadata, at)) {
            const isVariable = String(path.at(-1)).endsWith('FromEnv');
            for (const each of isVariable ? valuesOf(text, resource, inventory) : [text])
              yield* namedCalls({ path, text: each }, resource, from, 'keda', inventory);
          }
        }
      }
  },
});

/** What a variable of the scaled workload holds. */
function valuesOf(variable: string, { spec, namespace }: Resource, inventory: Inventory): readonly string[] {
  const name = stringAt(spec, 'scaleTargetRef', 'name');
  const containers = inventory
    .workloadsIn(namespace)
    .filter((workload) => workload.name === name)
    .flatMap((workload) => workload.containers.map(({ value }) => value));
  const own = listAt(spec, 'jobTargetRef', 'template', 'spec', 'containers').filter(isObject);
  return [...containers, ...own]
    .flatMap((value) => listAt(value, 'env'))
    .flatMap((each) => (stringAt(each, 'name') === variable ? (stringAt(each, 'value') ?? []) : []));
}
