import { objectAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { isUnfilled } from './placeholder.ts';
import { labelsAt, SelectorIndex } from './selector.ts';

export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** The mode in force somewhere, and the object that says so; undefined: nothing does, and Istio's default holds. */
export interface InForce {
  readonly mode: MtlsMode;
  readonly by: Resource | undefined;
  /** Others of the same level, among which the cluster's age decides, or one whose mode is still to be filled in: the mode
   *  can't be told from Git. */
  readonly rivals: readonly Resource[];
}

const nothing: InForce = { mode: 'PERMISSIVE', by: undefined, rivals: [] };

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
export function namespaceMode(namespace: string, inventory: Inventory): InForce {
  const { rootNamespace } = inventory.settings;
  const mesh = levelOf(wide(inventory, rootNamespace), nothing);
  return namespace === rootNamespace ? mesh : levelOf(wide(inventory, namespace), mesh);
}

/** The mode of pods with these labels, at one container port.
 *  @param port  undefined: ports that no policy names */
export function workloadMode(
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  port: number | undefined,
  inventory: Inventory,
): InForce {
  const above = namespaceMode(workload.namespace, inventory);
  // A selector in the root namespace selects nothing.
  if (workload.namespace === inventory.settings.rootNamespace) return above;
  const [first, ...rivals] = selecting(workload.namespace, inventory).taking(workload.labels);
  if (first === undefined) return above;
  const ofPort = port === undefined ? undefined : portModes(first).find((each) => each.port === port)?.mode;
  if (isModeUnfilled(first)) return { ...above, rivals: [first] };
  const mode = ofPort ?? modeOf(first);
  return mode === undefined ? { ...above, rivals } : { mode, by: first, rivals };
}

function selecting(namespace: string, inventory: Inventory): SelectorIndex<Resource> {
  return inventory.once(`PeerAuthentications with a selector in ${namespace}`, () => {
    const policies = inventory.inNamespace('PeerAuthentication', namespace).filter(hasSelector);
    return new SelectorIndex(policies, selectorOf);
  });
}

function wide(inventory: Inventory, namespace: string): readonly Resource[] {
  return inventory.once(`PeerAuthentications without a selector in ${namespace}`, () =>
    inventory.inNamespace('PeerAuthentication', namespace).filter((policy) => !hasSelector(policy)),
  );
}

function levelOf(policies: readonly Resource[], above: InForce): InForce {
  const [first, ...rivals] = policies;
  if (first === undefined) return above;
  if (isModeUnfilled(first)) return { ...above, rivals: [first] };
  const mode = modeOf(first);
  return mode === undefined ? { ...above, rivals } : { mode, by: first, rivals };
}

function isModeUnfilled(policy: Resource): boolean {
  return isUnfilled(stringAt(policy.spec, 'mtls', 'mode') ?? '');
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
