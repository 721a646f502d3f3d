import { listAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isDnsLabel } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const annotation = 'networking.istio.io/exportTo';

export default rule({
  id: 'export-to-missing-namespace',
  severity: 'warning',
  kinds: ['Namespace', 'DestinationRule', 'ServiceEntry', 'VirtualService', 'Service'],
  summary: 'an `exportTo` with a namespace that was not read',
  why: 'The object is not visible where it should be: routes, TLS settings or the service itself are missing there, without an error. A name that is similar to a known namespace is probably a typo. Any other may be a namespace in another repository, so the severity is info. If no Namespace manifest was read, the rule reports nothing.',
  fix: 'Correct the name, or use `.` for the object’s own namespace or `*` for all.',
  equivalent: ['KIA0005'],
  see: [
    'https://kiali.io/docs/features/validations/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
  ],
  *check(inventory) {
    if (inventory.of('Namespace').length === 0) return;
    for (const { resource, path, name } of exportsIn(inventory)) {
      // export-to-contradiction reports invalid namespace names.
      if (!isDnsLabel(name) || hasPlaceholder(name) || isKnown(name, inventory)) continue;
      const near = nearest(name, inventory);
      yield {
        resource,
        path,
        message: `No Namespace ${name} was read${near === undefined ? '' : `, but ${near} exists`}.`,
        ...(near === undefined ? { severity: 'info' } : { fix: `Use ${near}.` }),
      };
    }
  },
});

interface Export {
  readonly resource: Resource;
  readonly path: YamlPath;
  readonly name: string;
}

function* exportsIn(inventory: Inventory): Iterable<Export> {
  for (const kind of ['DestinationRule', 'ServiceEntry', 'VirtualService'] as const)
    for (const resource of inventory.of(kind))
      for (const [index, name] of listAt(resource.spec, 'exportTo').entries())
        if (typeof name === 'string') yield { resource, path: ['spec', 'exportTo', index], name };
  for (const { resource, exportTo } of inventory.services)
    for (const name of exportTo) yield { resource, path: ['metadata', 'annotations', annotation], name };
}

function isKnown(name: string, inventory: Inventory): boolean {
  const { fleet } = inventory;
  return (
    inventory.isRead(name) ||
    inventory.namespace(name) !== undefined ||
    name === inventory.settings.rootNamespace ||
    ['default', 'kube-system', 'kube-public'].includes(name) ||
    fleet?.fleet.targets.some(
      (each) => each.kind !== 'cluster' && each.specs.some(({ namespace }) => namespace === name),
    ) === true
  );
}

/** A known namespace that differs by one letter. */
function nearest(name: string, inventory: Inventory): string | undefined {
  if (name.length < 4) return undefined;
  const variants = inventory.once(namespaceVariants);
  if (name.length > 64) return undefined;
  for (const variant of [name, ...without(name)]) {
    const known = variants.get(variant) ?? inventory.namespace(variant)?.name;
    // `team-a` and `team-b`, `shop1` and `shop2` are two names, not one.
    if (known !== undefined && !differsInSuffix(name, known)) return known;
  }
  return undefined;
}

function namespaceVariants(inventory: Inventory) {
  const found = new Map<string, string>();
  for (const { name: known } of inventory.of('Namespace'))
    if (known.length < 64) for (const variant of without(known)) found.set(variant, known);
  return found;
}

/** A text with each of its letters left out. */
function without(text: string): readonly string[] {
  return Array.from({ length: text.length }, (_, index) => text.slice(0, index) + text.slice(index + 1));
}

function differsInSuffix(one: string, other: string): boolean {
  return one.slice(0, -1) === other.slice(0, -1) || one.slice(0, -1) === other || other.slice(0, -1) === one;
}
