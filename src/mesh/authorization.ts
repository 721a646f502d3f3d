import { isDryRun } from '../k8s/istio-boolean.ts';
import { isObject, listAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { matchesRule, type PolicyRequest } from './authorization-rule.ts';
import type { Deciding } from './client.ts';
import type { Inventory } from './inventory.ts';
import { rulesFor } from './rules-for.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';

/** Whether the policies of some pods let a request in; undefined: it depends on what is not known. */
export interface Authorization {
  readonly isAllowed: boolean | undefined;
  /** The policy that decides: the one that denies, allows, or shuts the door by allowing others only. */
  readonly by: Deciding | undefined;
  /** A clause for the middle of a sentence. */
  readonly why: string;
}

/** The pods a request is for. */
interface Server {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Action = 'ALLOW' | 'DENY' | 'CUSTOM' | 'AUDIT';

/** The order of Istio: CUSTOM, DENY, then ALLOW, where no ALLOW policy at all allows everything. Policies in dry-run never
 *  count. A request without path or method stands for all of them: an ALLOW for some paths does not let it in.
 *  @see https://istio.io/latest/docs/concepts/security/#implicit-enablement */
export function authorize(server: Server, request: PolicyRequest, inventory: Inventory): Authorization {
  const policies = policiesFor(server, inventory);
  const custom = policies.filter((each) => actionOf(each) === 'CUSTOM');
  for (const policy of custom) {
    const found = firstMatch(policy, 'DENY', request, inventory);
    if (found !== undefined) return customVerdict(policy, inventory);
  }
  let doubt: Authorization | undefined;
  for (const policy of policies.filter((each) => actionOf(each) === 'DENY')) {
    const found = firstMatch(policy, 'DENY', request, inventory);
    if (found?.matches === true)
      return { isAllowed: false, by: found.by, why: `${called(policy)} denies it` };
    if (found !== undefined)
      doubt ??= {
        isAllowed: undefined,
        by: found.by,
        why: `${called(policy)} denies some requests; whether it denies these depends on their path, method, headers or address`,
      };
  }
  const allow = policies.filter((each) => actionOf(each) === 'ALLOW');
  if (allow.length === 0)
    return doubt ?? { isAllowed: true, by: undefined, why: 'no ALLOW policy is in force for its pods' };
  let partial: { readonly by: Deciding; readonly isByPath: boolean } | undefined;
  for (const policy of allow) {
    const found = firstMatch(policy, 'ALLOW', request, inventory);
    if (found?.matches === true)
      return doubt ?? { isAllowed: true, by: found.by, why: `${called(policy)} allows it` };
    if (found !== undefined && (partial === undefined || (partial.isByPath && !found.isByPath)))
      partial = found;
  }
  if (partial !== undefined && !partial.isByPath)
    return {
      isAllowed: undefined,
      by: partial.by,
      why: `${called(partial.by.resource)} allows some requests; whether it allows these depends on what is not in Git`,
    };
  const [first] = allow;
  const by = partial?.by ?? (first === undefined ? undefined : { resource: first, path: ['spec'] });
  const who = request.identity === undefined ? 'a caller without a mesh identity' : 'this caller';
  const only = partial === undefined ? '' : ' on all paths';
  return { isAllowed: false, by, why: `no ALLOW policy in force admits ${who}${only}` };
}

/** The policies in force for pods with these labels: of their namespace and of the root namespace.
 *  @see https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/ */
function policiesFor({ namespace, labels }: Server, inventory: Inventory): readonly Resource[] {
  const { rootNamespace } = inventory.settings;
  const own = inventory.once(policiesIn, namespace);
  const all = namespace === rootNamespace ? own : [...inventory.once(policiesIn, rootNamespace), ...own];
  return all.filter(({ wanted }) => hasLabels(labels, wanted)).map(({ policy }) => policy);
}

interface SelectingPolicy {
  readonly policy: Resource;
  /** Labels of the pods it is for. */
  readonly wanted: Readonly<Record<string, string>>;
}

function policiesIn(namespace: string, inventory: Inventory): readonly SelectingPolicy[] {
  return (
    inventory
      .inNamespace('AuthorizationPolicy', namespace)
      // Only gateways and waypoints of the Gateway API are targets.
      .filter(({ spec }) => !isObject(spec.targetRef) && listAt(spec, 'targetRefs').length === 0)
      .filter((policy) => !isDryRun(policy.value))
      .map((policy) => ({ policy, wanted: labelsAt(policy.spec, 'selector', 'matchLabels') }))
  );
}

function actionOf({ spec }: Resource): Action {
  const action = stringAt(spec, 'action');
  return action === 'DENY' || action === 'CUSTOM' || action === 'AUDIT' ? action : 'ALLOW';
}

interface Match {
  readonly matches: true | undefined;
  readonly by: Deciding;
  /** Whether only the request's path or method is missing to tell. */
  readonly isByPath: boolean;
}

/** The rule that matches, else one that may. */
function firstMatch(
  policy: Resource,
  action: 'ALLOW' | 'DENY',
  request: PolicyRequest,
  { settings }: Inventory,
): Match | undefined {
  let maybe: Match | undefined;
  for (const { index, rule } of rulesFor(policy, request.identity)) {
    const context = { request, namespace: policy.namespace, action, settings };
    const matches = matchesRule(rule, context);
    const by = { resource: policy, path: ['spec', 'rules', index] };
    if (matches === true) return { matches, by, isByPath: false };
    if (matches === false) continue;
    const elsewhere = { ...request, path: request.path ?? '\u0000', method: request.method ?? '\u0000' };
    const isByPath = matchesRule(rule, { ...context, request: elsewhere }) === false;
    if (maybe === undefined || (maybe.isByPath && !isByPath)) maybe = { matches, by, isByPath };
  }
  return maybe;
}

function customVerdict(policy: Resource, { settings }: Inventory): Authorization {
  const provider = stringAt(policy.spec, 'provider', 'name') ?? '';
  const by = { resource: policy, path: ['spec', 'provider'] };
  if (settings.providers !== undefined && !settings.providers.includes(provider))
    return {
      isAllowed: false,
      by,
      why: `${called(policy)} names the provider "${provider}", which the mesh does not define`,
    };
  return {
    isAllowed: undefined,
    by,
    why: `${called(policy)} delegates the decision to the provider "${provider}"`,
  };
}

function called({ namespace, name }: Resource): string {
  return `the AuthorizationPolicy ${namespace}/${name}`;
}
