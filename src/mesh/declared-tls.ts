import {
  isObject,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type YamlPath,
} from '../model/json.ts';
import { describeResource, type Resource } from '../model/resource.ts';
import { covers, expandHost, serviceInHost } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import { namespaceMode, workloadMode } from './peer-authentication.ts';
import { servicesCovered } from './registry.ts';
import { hasLabels } from '../k8s/selector.ts';
import type { Service } from './service.ts';
import type { Workload } from './workload.ts';
import { isAmbient } from './ambient.ts';

/** The full name, or wildcard, that a DestinationRule is for. */
export function hostOf(rule: Resource, inventory: Inventory): string {
  return expandHost(stringAt(rule.spec, 'host') ?? '', rule.namespace, inventory.settings.clusterDomain);
}

/** The TLS mode a traffic policy asks for; undefined: it leaves the choice to auto mTLS. A block without mode is DISABLE.
 *  @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode */
export function tlsModeOf(policy: JsonObject): string | undefined {
  if (!isObject(policy.tls)) return undefined;
  return stringAt(policy.tls, 'mode') ?? 'DISABLE';
}

/** The mode at the top of a DestinationRule. */
export function topTlsMode(rule: Resource): string | undefined {
  return tlsModeOf(objectAt(rule.spec, 'trafficPolicy'));
}

/** The subset that a traffic policy is of, by its place in the rule; empty for the rule's own. */
export function subsetAt(rule: Resource, path: YamlPath): JsonObject {
  return path[1] === 'subsets' ? objectAt(valueAt(rule.value, ...path.slice(0, 3))) : {};
}

/** Which services of the cluster a wildcard is for: those of the mesh, of one namespace, or (undefined) neither. */
export function reachOf(
  host: string,
  clusterDomain: string,
): 'mesh' | { readonly namespace: string } | undefined {
  if (!host.startsWith('*.')) return undefined;
  if (covers(host, `*.svc.${clusterDomain}`)) return 'mesh';
  const place = serviceInHost(`x${host.slice(1)}`, clusterDomain);
  return place !== undefined && host.endsWith(`.svc.${clusterDomain}`)
    ? { namespace: place.namespace }
    : undefined;
}

interface RulesByHost {
  readonly exact: ReadonlyMap<string, readonly Resource[]>;
  readonly wild: readonly { readonly rule: Resource; readonly host: string }[];
  /** What follows the asterisk of each wildcard. */
  readonly suffixes: ReadonlySet<string>;
}

function rulesByHost(inventory: Inventory): RulesByHost {
  return inventory.once(computeRulesByHost);
}

function computeRulesByHost(inventory: Inventory) {
  const exact = new Map<string, Resource[]>();
  const wild: { rule: Resource; host: string }[] = [];
  for (const rule of inventory.of('DestinationRule')) {
    const host = hostOf(rule, inventory);
    if (host.startsWith('*')) wild.push({ rule, host });
    else if (host !== '') exact.set(host, [...(exact.get(host) ?? []), rule]);
  }
  return { exact, wild, suffixes: new Set(wild.map(({ host }) => host.slice(1))) };
}

/** Whether a rule with a more specific host takes the place of a wildcard's for this host. */
export function isOverridden(wildcard: string, host: string, inventory: Inventory): boolean {
  const { exact, suffixes } = rulesByHost(inventory);
  if (!wildcard.startsWith('*')) return false;
  if (exact.has(host)) return true;
  const longest = host.length - wildcard.length;
  for (let dot = host.indexOf('.'); dot >= 0 && dot <= longest; dot = host.indexOf('.', dot + 1))
    if (suffixes.has(host.slice(dot))) return true;
  return false;
}

/** A DestinationRule that asks for ISTIO_MUTUAL, whose place `rule` takes since it is more specific, or nearer to callers. */
export function shadowedMutualRule(rule: Resource, inventory: Inventory): Resource | undefined {
  const { rootNamespace, clusterDomain } = inventory.settings;
  const own = hostOf(rule, inventory);
  const home = serviceInHost(own, clusterDomain)?.namespace;
  const { exact, wild } = rulesByHost(inventory);
  const broader = wild.filter(({ host }) => host !== own && covers(host, own)).map((each) => each.rule);
  // From the caller's namespace it takes the place even of an equal rule that the service's namespace exports.
  const equal = rule.namespace === home ? [] : (exact.get(own) ?? []);
  return [...broader, ...equal].find((other) => {
    if (other === rule || topTlsMode(other) !== 'ISTIO_MUTUAL') return false;
    const exports = stringsAt(other.spec, 'exportTo');
    const isPrivate = exports.length > 0 && !exports.includes('*') && !exports.includes(rule.namespace);
    if (other.namespace === rule.namespace) return hostOf(other, inventory) !== own;
    return !isPrivate && [rootNamespace, home].includes(other.namespace) && rule.namespace !== rootNamespace;
  });
}

/** Pods behind a service, and why they can't answer mTLS. */
export interface Unmeshed {
  readonly workload: Workload;
  readonly why: string;
}

/** Workloads of a service that are known to get no sidecar. Ambient ones speak mTLS without one. */
export function unmeshedBehind(
  service: Service,
  inventory: Inventory,
  labels: Readonly<Record<string, string>> = {},
): readonly Unmeshed[] {
  return inventory.workloadsOf(service).flatMap((workload): Unmeshed[] => {
    if (!hasLabels(workload.labels, labels) || workload.resource.spec.replicas === 0) return [];
    const injection = inventory.injectionOf(workload);
    return injection.isInjected === false && !isAmbient(workload, inventory)
      ? [{ workload, why: injection.why }]
      : [];
  });
}

/** Why calls are sent in plaintext although auto mTLS decides: the cases where it does not; undefined: it sends mTLS to
 *  every pod that has a sidecar.
 *  @param policy  the traffic policy without tls that is in force
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls */
export function whyPlainText(host: string, policy: JsonObject, inventory: Inventory): string | undefined {
  const { settings } = inventory;
  if (!settings.enableAutoMtls && settings.declared.has('enableAutoMtls'))
    return 'auto mTLS is off in this mesh (enableAutoMtls: false), so calls are sent in plaintext';
  const entry = inventory.entriesAt(host).find(({ isExternal }) => isExternal);
  if (entry !== undefined && inventory.serviceAt(host) === undefined)
    return `${describeResource(entry.resource)} declares this host external to the mesh, so auto mTLS sends plaintext to it`;
  const passesThrough = stringAt(policy, 'loadBalancer', 'simple') === 'PASSTHROUGH';
  for (const service of servicesCovered(host, inventory)) {
    if (isOverridden(host, service.host, inventory)) continue;
    const why = whyPlainTextTo(service, passesThrough, inventory);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyPlainTextTo(service: Service, passesThrough: boolean, inventory: Inventory): string | undefined {
  const workloads = inventory.workloadsOf(service);
  const level = namespaceMode(service.namespace, inventory);
  const strict = workloads.find((each) => workloadMode(each, undefined, inventory).mode === 'STRICT');
  if (strict !== undefined && level.mode === 'DISABLE' && level.by !== undefined)
    return `${describeResource(level.by)} sets DISABLE, which callers follow, while the pods of ${describeResource(strict.resource)} are STRICT: callers send plaintext and are reset`;
  if (strict?.labels['security.istio.io/tlsMode'] === 'disabled')
    return `the pods of ${describeResource(strict.resource)} carry security.istio.io/tlsMode: disabled while STRICT is in force, so callers send plaintext and are reset`;
  if (!service.isHeadless && !passesThrough) return undefined;
  const [unmeshed, ...others] = unmeshedBehind(service, inventory);
  // Where no pod has a sidecar, plaintext is right.
  if (unmeshed === undefined || others.length + 1 === workloads.length) return undefined;
  return `${service.isHeadless ? `Service ${service.namespace}/${service.name} is headless` : 'the load balancer is PASSTHROUGH'} and the pods of ${describeResource(unmeshed.workload.resource)} have no sidecar (${unmeshed.why}), so auto mTLS sends plaintext to all of its pods`;
}
