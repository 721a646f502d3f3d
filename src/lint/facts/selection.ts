import type { YamlPath } from '../../model/json.ts';
import { keyOf } from '../../model/key-of.ts';
import type { Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { listIn } from '../../model/list-in.ts';
import { hasTargetRefs } from '../../mesh/policy-rule.ts';
import { hasLabels, labelsAt } from '../../k8s/selector.ts';
import { mayBeUnrelated } from './unrelated.ts';
import type { Workload } from '../../mesh/workload.ts';

/** Which pods the objects of a kind select by labels in their namespace. */
export interface Selections {
  /** The first workload that each object selects; those that select none are not in it. */
  readonly selected: ReadonlyMap<Resource, Workload>;
  /** Objects that select a workload together with others. */
  readonly contested: ReadonlyMap<Resource, Contest>;
}

interface Contest {
  readonly workload: Workload;
  /** All that select it, in the order they were read. */
  readonly conflicting: readonly Resource[];
}

type Selecting = 'Sidecar' | 'Telemetry';

/** Where the labels are that an object selects pods by. */
export const selectorPaths: Readonly<Record<Selecting, readonly string[]>> = {
  Sidecar: ['spec', 'workloadSelector', 'labels'],
  Telemetry: ['spec', 'selector', 'matchLabels'],
};

export function selectionsOf(kind: Selecting, inventory: Inventory): Selections {
  return inventory.once(computeSelections, kind);
}

function computeSelections(kind: Selecting, inventory: Inventory): Selections {
  const byLabel = new Map<
    string,
    { readonly resource: Resource; readonly labels: Record<string, string> }[]
  >();
  for (const resource of inventory.of(kind)) {
    const labels = labelsAt(resource.value, ...selectorPaths[kind]);
    const [first] = Object.entries(labels);
    if (first === undefined) continue;
    const key = keyOf(resource.namespace, ...first);
    listIn(byLabel, key).push({ resource, labels });
  }
  const selected = new Map<Resource, Workload>();
  const contested = new Map<Resource, Contest>();
  const seen = new Set<string>();
  for (const workload of byLabel.size === 0 ? [] : inventory.workloads) {
    // Pods of the same labels are selected by the same objects.
    const pods = keyOf(workload.namespace, ...Object.entries(workload.labels).flat());
    if (seen.has(pods)) continue;
    seen.add(pods);
    const conflicting = Object.entries(workload.labels)
      .flatMap((label) => byLabel.get(keyOf(workload.namespace, ...label)) ?? [])
      .filter(({ labels }) => hasLabels(workload.labels, labels))
      .map(({ resource }) => resource);
    for (const resource of conflicting) {
      if (!selected.has(resource)) selected.set(resource, workload);
      // An object with targetRefs does not select by labels.
      if (conflicting.length < 2 || contested.has(resource) || hasTargetRefs(resource)) continue;
      const own = conflicting.filter((each) => !mayBeUnrelated(each, resource) && !hasTargetRefs(each));
      if (own.length > 1) contested.set(resource, { workload, conflicting: own });
    }
  }
  return { selected, contested };
}

/** Where the first label of a selector is written. */
export function firstLabel(resource: Resource, selector: readonly string[]): YamlPath {
  const [first] = Object.keys(labelsAt(resource.value, ...selector));
  return first === undefined ? selector : [...selector, first];
}
