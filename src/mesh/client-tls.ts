import { isObject, listAt, stringAt, valueAt, type JsonValue, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Client, Deciding, Destination } from './client.ts';
import { destinationRulesFor } from './destination-rules.ts';
import type { Inventory } from './inventory.ts';
import { namespaceMode } from './peer-authentication.ts';
import { labelsAt } from '../k8s/selector.ts';

/** What a proxy sends to the endpoints of a service. `per-endpoint`: mTLS to those with a sidecar, plaintext to the rest.
 *  `tls`: TLS that is not the mesh's. undefined: it depends on what is not in Git, and `why` says on what. */
export interface ClientTls {
  readonly sends: 'plaintext' | 'mtls' | 'per-endpoint' | 'tls' | undefined;
  readonly by: Deciding | undefined;
  /** A clause for the middle of a sentence. */
  readonly why: string;
}

/** A service as its callers' proxies see it. */
export interface Upstream extends Pick<Destination, 'host' | 'namespace'> {
  /** Outside of the mesh, or not known to it. */
  readonly isExternal: boolean;
  readonly isHeadless: boolean;
  /** Whether each known endpoint is marked to take mTLS; undefined: not known. */
  readonly endpoints: readonly (boolean | undefined)[];
}

/** What `client` sends to a service: the DestinationRule's `tls` where one is in force, else auto mTLS.
 *  @param port  of the Service
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls */
export function clientTls(
  client: Client,
  upstream: Upstream,
  port: number,
  subset: string | undefined,
  inventory: Inventory,
): ClientTls {
  const rules = destinationRulesFor(client, upstream, inventory);
  const policies = rules.filter((rule) => isObject(rule.spec.trafficPolicy));
  // Of several rules for one host only the oldest one's policy counts, and Git does not know the age.
  const candidates = policies.length > 1 ? policies : [policies[0] ?? rules[0]];
  const [first, ...others] = candidates.map((rule) => {
    const found = rule === undefined ? undefined : tlsOf(rule, rules, port, subset);
    if (found !== undefined) return explicit(found);
    const left = automatic(rules, port, upstream, inventory);
    const masked = rule === undefined ? undefined : maskedTls(rule, rules, port, subset);
    return masked === undefined || left.sends !== 'per-endpoint' ? left : explicit(masked);
  });
  if (first === undefined) throw new Error('a list of candidates is never empty');
  const conflict = others.find(({ sends }) => sends !== first.sends);
  if (conflict === undefined) return first;
  return {
    sends: undefined,
    by: first.by ?? conflict.by,
    why: `several DestinationRules match ${upstream.host}, and the oldest one on the cluster wins`,
  };
}

/** Labels of the pods of a subset; undefined: no rule in force names it, and calls to it fail.
 *  @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset */
export function subsetLabels(
  client: Client,
  destination: Pick<Destination, 'host' | 'namespace'>,
  subset: string,
  inventory: Inventory,
): Readonly<Record<string, string>> | undefined {
  const found = findSubset(destinationRulesFor(client, destination, inventory), subset);
  return found === undefined
    ? undefined
    : labelsAt(valueAt(found.resource.spec, ...found.path.slice(1)), 'labels');
}

function findSubset(rules: readonly Resource[], name: string): Deciding | undefined {
  for (const resource of rules)
    for (const [index, each] of listAt(resource.spec, 'subsets').entries())
      if (stringAt(each, 'name') === name) return { resource, path: ['spec', 'subsets', index] };
  return undefined;
}

interface FoundTls extends Deciding {
  /** As Istio's API has it; a block without mode is DISABLE. */
  readonly mode: string;
}

/** The `tls` block in force: a port's settings replace the policy they are in, a subset's go over the rule's. */
function tlsOf(
  resource: Resource,
  rules: readonly Resource[],
  port: number,
  subset: string | undefined,
): FoundTls | undefined {
  const ofRule = policyTls(resource, ['spec', 'trafficPolicy'], port);
  const place = subset === undefined ? undefined : findSubset(rules, subset);
  if (place === undefined) return ofRule.tls;
  const ofSubset = policyTls(place.resource, [...place.path, 'trafficPolicy'], port);
  return ofSubset.isWhole ? ofSubset.tls : (ofSubset.tls ?? ofRule.tls);
}

/** Settings of a port without `tls` leave it to auto mTLS; but what Istio tells callers of the endpoints still goes by the
 *  rule's `tls`: with any mode but ISTIO_MUTUAL there, no endpoint is marked to take mTLS.
 *  @see https://github.com/istio/istio/blob/master/pilot/pkg/xds/endpoints/mtls_checker.go */
function maskedTls(
  resource: Resource,
  rules: readonly Resource[],
  port: number,
  subset: string | undefined,
): FoundTls | undefined {
  const place = subset === undefined ? undefined : findSubset(rules, subset);
  const ofSubset =
    place === undefined
      ? undefined
      : blockAt(
          place.resource,
          [...place.path, 'trafficPolicy'],
          valueAt(place.resource.value, ...place.path, 'trafficPolicy'),
        );
  const found = ofSubset ?? blockAt(resource, ['spec', 'trafficPolicy'], resource.spec.trafficPolicy);
  const isWritten = policyTls(resource, ['spec', 'trafficPolicy'], port).isWhole || place !== undefined;
  return found === undefined || found.mode === 'ISTIO_MUTUAL' || !isWritten
    ? undefined
    : { ...found, mode: 'DISABLE' };
}

/** @returns `isWhole`: settings of the port are there, and what they omit has its default */
function policyTls(
  resource: Resource,
  path: YamlPath,
  port: number,
): { readonly isWhole: boolean; readonly tls: FoundTls | undefined } {
  const policy = valueAt(resource.value, ...path);
  for (const [index, each] of listAt(policy, 'portLevelSettings').entries())
    if (valueAt(each, 'port', 'number') === port)
      return { isWhole: true, tls: blockAt(resource, [...path, 'portLevelSettings', index], each) };
  return { isWhole: false, tls: blockAt(resource, path, policy) };
}

function blockAt(resource: Resource, path: YamlPath, policy: JsonValue | undefined): FoundTls | undefined {
  const tls = valueAt(policy, 'tls');
  if (!isObject(tls)) return undefined;
  return { resource, path: [...path, 'tls'], mode: stringAt(tls, 'mode') ?? 'DISABLE' };
}

function explicit({ mode, ...by }: FoundTls): ClientTls {
  if (mode === 'ISTIO_MUTUAL')
    return { sends: 'mtls', by, why: 'the DestinationRule sends mTLS to every endpoint (ISTIO_MUTUAL)' };
  if (mode === 'SIMPLE' || mode === 'MUTUAL')
    return { sends: 'tls', by, why: `the DestinationRule originates TLS (${mode})` };
  return {
    sends: 'plaintext',
    by,
    why: 'the DestinationRule sends plaintext (tls without mode is DISABLE)',
  };
}

function automatic(
  rules: readonly Resource[],
  port: number,
  upstream: Upstream,
  inventory: Inventory,
): ClientTls {
  const { settings } = inventory;
  if (upstream.isExternal)
    return { sends: 'plaintext', by: undefined, why: 'the destination is outside the mesh' };
  if (!settings.enableAutoMtls)
    return { sends: 'plaintext', by: undefined, why: 'meshConfig turns auto mTLS off' };
  // Only this level is asked: policies for some pods or ports do not reach the clients.
  const hint = namespaceMode(upstream.namespace, inventory);
  if (hint.conflicting.length > 0)
    return {
      sends: undefined,
      by: hint.by === undefined ? undefined : { resource: hint.by, path: ['spec', 'mtls'] },
      why: `several PeerAuthentications cover namespace ${upstream.namespace}, and the oldest one on the cluster wins`,
    };
  if (hint.mode === 'DISABLE' && hint.by !== undefined)
    return {
      sends: 'plaintext',
      by: { resource: hint.by, path: ['spec', 'mtls', 'mode'] },
      why: 'the PeerAuthentication of its namespace sets DISABLE',
    };
  if (upstream.isHeadless || passesThrough(rules, port)) return toAllAlike(upstream);
  return { sends: 'per-endpoint', by: undefined, why: 'auto mTLS decides per endpoint' };
}

/** Without a load balancer one plain endpoint makes all plain.
 *  @see https://github.com/istio/istio/issues/27376 */
function toAllAlike({ endpoints, host }: Upstream): ClientTls {
  if (endpoints.includes(false))
    return {
      sends: 'plaintext',
      by: undefined,
      why: `${host} is headless and has an endpoint without a sidecar`,
    };
  if (endpoints.length === 0 || endpoints.includes(undefined))
    return {
      sends: undefined,
      by: undefined,
      why: `${host} is headless, and not all of its endpoints are known`,
    };
  return { sends: 'mtls', by: undefined, why: `${host} is headless and all its endpoints have a sidecar` };
}

function passesThrough(rules: readonly Resource[], port: number): boolean {
  return rules.some(({ spec }) => {
    const ofPort = listAt(spec, 'trafficPolicy', 'portLevelSettings').find(
      (each) => valueAt(each, 'port', 'number') === port,
    );
    return stringAt(ofPort ?? spec.trafficPolicy, 'loadBalancer', 'simple') === 'PASSTHROUGH';
  });
}
