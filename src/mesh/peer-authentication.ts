import { objectAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { listIn } from '../model/list-in.ts';
import { labelsAt, SelectorIndex } from '../k8s/selector.ts';

export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** The mode in force somewhere, and the object that says so; undefined: nothing does, and Istio's default holds. */
export interface ModeInForce {
  readonly mode: MtlsMode;
  readonly by: Resource | undefined;
  /** What makes the mode unknown to Git, if anything: others of the same level, among which the cluster's age decides, or
   *  a policy whose mode is still a `${placeholder}`. */
  readonly conflicting: readonly Resource[];
}

const nothing: ModeInForce = { mode: 'PERMISSIVE', by: undefined, conflicting: [] };

/** What a PeerAuthentication says for all ports; undefined: it leaves that to the level above. */
export function modeOf(policy: Resource): MtlsMode | undefined {
  return asMode(stringAt(policy.spec, 'mtls', 'mode'));
}

function asMode(mode: string | undefined): MtlsMode | undefined {
  return mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE' ? mode : undefined;
}

function selectorOf(policy: Resource): Readonly<Record<string, string>> {
  return labelsAt(policy.spec, 'selector', 'matchLabels');
}

export function hasSelector(policy: Resource): boolean {
  return Object.keys(selectorOf(policy)).length > 0;
}

/** The mode of a namespace: its own, else the mesh's. Policies with a selector have no say here.
 *  @see https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export function namespaceMode(namespace: string, inventory: Inventory): ModeInForce {
  const { rootNamespace } = inventory.settings;
  const mesh = levelOf(policiesOf(rootNamespace, inventory)?.wide ?? [], nothing);
  return namespace === rootNamespace ? mesh : levelOf(policiesOf(namespace, inventory)?.wide ?? [], mesh);
}

/** The mode of pods with these labels, at one container port.
 *  @param port  undefined: ports that no policy names */
export function workloadMode(
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  port: number | undefined,
  inventory: Inventory,
): ModeInForce {
  const above = namespaceMode(workload.namespace, inventory);
  // A selector in the root namespace selects nothing.
  if (workload.namespace === inventory.settings.rootNamespace) return above;
  const policies = policiesOf(workload.namespace, inventory)?.selecting.taking(workload.labels) ?? [];
  const [first] = policies;
  if (first === undefined || port === undefined) return levelOf(policies, above);
  const ofPort = portModes(first).find((each) => each.port === port)?.mode;
  return ofPort === undefined
    ? levelOf(policies, above)
    : { mode: ofPort, by: first, conflicting: policies.slice(1) };
}

/** The PeerAuthentications of a namespace. */
interface Policies {
  readonly wide: readonly Resource[];
  readonly selecting: SelectorIndex<Resource>;
}

function policiesOf(namespace: string, inventory: Inventory): Policies | undefined {
  return inventory.once(policiesByNamespace).get(namespace);
}

function policiesByNamespace(inventory: Inventory) {
  const found = new Map<string, Resource[]>();
  for (const policy of inventory.of('PeerAuthentication')) listIn(found, policy.namespace).push(policy);
  return new Map(
    [...found].map(([name, policies]): [string, Policies] => [
      name,
      {
        wide: policies.filter((policy) => !hasSelector(policy)),
        selecting: new SelectorIndex(policies.filter(hasSelector), selectorOf),
      },
    ]),
  );
}

function levelOf(policies: readonly Resource[], above: ModeInForce): ModeInForce {
  const [first, ...conflicting] = policies;
  if (first === undefined) return above;
  const said = stringAt(first.spec, 'mtls', 'mode');
  const mode = asMode(said);
  if (mode !== undefined) return { mode, by: first, conflicting };
  if (said?.includes('${') === true) return { mode: above.mode, by: first, conflicting: policies };
  return { ...above, conflicting: [...above.conflicting, ...conflicting] };
}

/** The container ports a policy names, with their modes; undefined: that of its other ports. */
export function portModes(
  policy: Resource,
): readonly { readonly port: number; readonly mode: MtlsMode | undefined }[] {
  return Object.keys(objectAt(policy.spec, 'portLevelMtls')).map((port) => ({
    port: Number(port),
    mode: asMode(stringAt(policy.spec, 'portLevelMtls', port, 'mode')),
  }));
}
