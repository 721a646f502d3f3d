import { listAt, objectAt, stringAt, type JsonObject, type JsonValue } from '../../src/model/json.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import type {
  Admission,
  BoundCaller,
  BoundService,
  BoundSpec,
  ReconcileAction,
} from '../../src/model/generator.ts';
import type { KustomizeTree, Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { isDryRun } from '../../src/k8s/istio-boolean.ts';
import { principalOf } from '../../src/k8s/principal.ts';
import { actionOf, coversRule, isDenyAll } from '../policies.ts';
import { generator, isInOwnedFile, isNamed, manifestsOf, problemAt } from '../shared.ts';

const file = 'istio-authorizationpolicy.yaml';
const page = 'https://istio.io/latest/docs/reference/config/security/authorization-policy/';
const dryRun = ['metadata', 'annotations', 'istio.io/dry-run'] as const;

/** Who may call the namespace's services: nobody but the gateway, health checks, and each declared caller. In dry-run at
 *  `joined`, because a caller without a sidecar has no identity and would be refused (field report 6).
 *  @see https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/ */
export default generator({
  id: 'istio-authorizationpolicy',
  why: (stage) =>
    stage === 'enforced'
      ? 'only the gateway and the declared callers get through'
      : 'in dry-run: the proxies report what would be refused and refuse nothing',
  owned: {
    file,
    template: 'namespace/istio-authorizationpolicy.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({
      namespace: spec.namespace,
      dryRun: spec.stage !== 'enforced',
      gatewayPrincipal: spec.isRoutedByGateway
        ? principalOf({
            trustDomain: spec.mesh.trustDomain,
            namespace: spec.mesh.gateway.podNamespace,
            serviceAccount: spec.mesh.gateway.serviceAccount,
          })
        : undefined,
      healthCheckPaths: spec.healthCheckPaths,
      services: spec.services
        .filter(({ callers, selector }) => callers.length > 0 && isNarrow(selector))
        .flatMap((service) => serviceViews(service, spec)),
      admissions: spec.admissions.map((admission) => admissionView(admission, spec)),
    }),
  },
  reconcile(wanted, spec, tree) {
    const policies = manifestsOf(tree, spec, 'security.istio.io', 'AuthorizationPolicy');
    // A dry-run policy lets nothing through once the others are in force.
    const counted =
      spec.stage === 'enforced' ? policies.filter((policy) => !isDryRun(policy.built)) : policies;
    const results = wanted.map((desired, index) => reconcilePolicy(desired, index, policies, counted, spec));
    const actions = results.flatMap((result) => (result.action === undefined ? [] : [result.action]));
    return {
      actions,
      problems: [
        ...results.flatMap((result) => result.problems),
        ...early(policies, actions, spec),
        ...withoutLabels(spec, tree),
      ],
    };
  },
});

interface PolicyActions {
  readonly action: ReconcileAction | undefined;
  readonly problems: readonly Problem[];
}

const nothing: PolicyActions = { action: undefined, problems: [] };

function reconcilePolicy(
  desired: JsonObject,
  index: number,
  policies: readonly Manifest[],
  counted: readonly Manifest[],
  spec: BoundSpec,
): PolicyActions {
  const name = stringAt(desired, 'metadata', 'name') ?? '';
  const named = policies.find((policy) => isNamed(policy, name));
  if (named !== undefined) return reconcileNamed(named, desired, counted, spec);
  const rules = listAt(desired, 'spec', 'rules');
  if (rules.length === 0)
    return counted.some(isDenyAll) ? nothing : { action: { do: 'add', index }, problems: [] };
  const isCovered = rules.every((rule) =>
    counted.some((policy) => coversRule(policy, objectAt(desired, 'spec'), rule)),
  );
  return isCovered ? nothing : { action: { do: 'add', index }, problems: [] };
}

function reconcileNamed(
  named: Manifest,
  desired: JsonObject,
  counted: readonly Manifest[],
  spec: BoundSpec,
): PolicyActions {
  const rules: readonly JsonValue[] = listAt(desired, 'spec', 'rules');
  const action = actionOf(named);
  if (action !== 'ALLOW' || (rules.length === 0 && !isDenyAll(named)))
    return {
      action: undefined,
      problems: [
        problemAt(named, ['spec'], {
          rule: 'bundle-name-taken',
          severity: 'error',
          message: `AuthorizationPolicy "${named.builtName}" does something else (${action === 'ALLOW' ? 'it has rules or a selector' : `action ${action}`}), but the bundle needs that name.`,
          fix: 'Rename it.',
          see: page,
        }),
      ],
    };
  const edits: YamlEdit[] = [];
  const reasons: string[] = [];
  const others = counted.filter((policy) => policy !== named);
  for (const rule of rules) {
    const wanted = objectAt(desired, 'spec');
    if ([named, ...others].some((policy) => coversRule(policy, wanted, rule))) continue;
    edits.push({ op: 'append', path: ['spec', 'rules'], value: rule });
    reasons.push('a declared caller was missing');
  }
  if (spec.stage === 'enforced' && isDryRun(named.built)) {
    edits.push({ op: 'delete', path: dryRun, pruneEmpty: true });
    reasons.push('the policy is enforced from now on');
  } else if (spec.stage !== 'enforced' && !isDryRun(named.built) && isInOwnedFile(named, spec, file)) {
    edits.push({ op: 'set', path: dryRun, value: 'true' });
    reasons.push('the policy only reports at this stage');
  }
  if (edits.length === 0) return nothing;
  return {
    action: { do: 'edit', manifest: named, edits, why: [...new Set(reasons)].join('; ') },
    problems: [],
  };
}

/** A policy in force that was written before the mesh came takes effect with the first sidecar. */
function early(
  policies: readonly Manifest[],
  actions: readonly ReconcileAction[],
  spec: BoundSpec,
): readonly Problem[] {
  if (spec.stage === 'enforced') return [];
  const edited = new Set(actions.flatMap((action) => (action.do === 'edit' ? [action.manifest] : [])));
  return policies
    .filter((policy) => !isDryRun(policy.built) && !edited.has(policy) && !isInOwnedFile(policy, spec, file))
    .map((policy) =>
      problemAt(policy, ['spec'], {
        rule: 'policy-in-force',
        severity: 'warning',
        message: `AuthorizationPolicy "${policy.builtName}" (${actionOf(policy)}) is not in dry-run: it takes effect as soon as the pods have sidecars, and callers without one have no identity.`,
        fix: 'Add the annotation istio.io/dry-run: "true" until every caller is in the mesh, unless it is in force today.',
        see: 'https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/',
      }),
    );
}

type PodLabels = Readonly<Record<string, string>>;

/** Without a label, a policy is about every pod of its namespace. */
function isNarrow(selector: PodLabels | undefined): selector is PodLabels {
  return selector !== undefined && Object.keys(selector).length > 0;
}

/** A policy without a selector would let the callers of one service call every other one of the namespace. */
function withoutLabels(spec: BoundSpec, tree: KustomizeTree): readonly Problem[] {
  if (spec.stage === 'outside') return [];
  return spec.services
    .filter(({ callers, selector }) => callers.length > 0 && !isNarrow(selector))
    .map(({ name }) => ({
      rule: 'policy-labels-unknown',
      severity: 'error',
      message: `The labels of the pods of "${name}" are not known, so a policy for its callers would cover the whole namespace and let them call everything in it.`,
      fix: `Declare selector of "${name}" in fleet.yaml.`,
      file: tree.kustomization?.file ?? tree.directory,
      see: 'https://istio.io/latest/docs/reference/config/type/workload-selector/',
    }));
}

/** One policy for each set of pods behind the service: a selector takes one set of labels. */
function serviceViews(service: BoundService, spec: BoundSpec): readonly object[] {
  return service.pods.filter(isNarrow).map((selector, index) => ({
    name: `allow-callers-${service.name}${index === 0 ? '' : `-${String(index + 1)}`}`.slice(0, 253),
    service: service.name,
    selector: Object.entries(selector).map(([key, value]) => ({ key, value })),
    callers: service.callers.map((caller) => ({
      ...sourceOf(caller, spec),
      ports: caller.targetPorts?.map(String) ?? [],
    })),
  }));
}

function admissionView(admission: Admission, spec: BoundSpec): object {
  const { name, why, selector, account, ports, paths } = admission;
  const { trustDomain } = spec.mesh;
  return {
    name: name.slice(0, 253),
    isGateway: why === 'gateway',
    isRoute: why === 'route',
    isPeers: why === 'peers',
    isNetwork: why === 'network',
    isHostPort: why === 'host-port',
    isApiServer: why === 'api-server',
    isScrape: why === 'scrape',
    isProbe: why === 'probe',
    isIngress: why === 'ingress',
    selector: Object.entries(selector).map(([key, value]) => ({ key, value })),
    principal: account === undefined ? undefined : principalOf({ trustDomain, ...account }),
    isLimited: ports.length + paths.length > 0,
    ports: ports.map(String),
    paths,
  };
}

function sourceOf(caller: BoundCaller, spec: BoundSpec): object {
  const { namespace, serviceAccount } = caller;
  if (serviceAccount === undefined) return { anyOf: namespace };
  return { principal: principalOf({ trustDomain: spec.mesh.trustDomain, namespace, serviceAccount }) };
}
