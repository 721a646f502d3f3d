import { listAt, objectAt, stringAt, stringsAt, type JsonObject } from '../../src/model/json.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import type { BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { covers, serviceHost } from '../../src/k8s/host.ts';
import { generator, isInOwnedFile, manifestsOf, problemAt, specOf } from '../shared.ts';

const file = 'istio-sidecar.yaml';
const page = 'https://istio.io/latest/docs/reference/config/networking/sidecar/';

/** Limits what the proxies of a namespace are told about to the services it calls. Smaller proxies, not a firewall:
 *  Istio's reference says that a Sidecar cannot enforce an outbound restriction.
 *  @see https://istio.io/latest/docs/reference/config/networking/sidecar/ */
export default generator({
  id: 'istio-sidecar',
  why: (stage) =>
    stage === 'enforced'
      ? 'the proxies know the services this namespace calls, and only registered hosts can be called'
      : 'the proxies know the services this namespace calls; other calls still go through',
  owned: {
    file,
    template: 'namespace/istio-sidecar.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({
      namespace: spec.namespace,
      enforced: spec.stage === 'enforced',
      rootHosts: `${spec.mesh.rootNamespace}/*`,
      kubernetesApi: spec.kubernetesApi,
      callees: calleeHosts(spec),
      providers: providerHosts(spec),
    }),
  },
  reconcile(wanted, spec, tree) {
    const sidecars = manifestsOf(tree, spec, 'networking.istio.io', 'Sidecar');
    const whole = sidecars.filter((sidecar) => specOf(sidecar).workloadSelector === undefined);
    const [sidecar, second] = whole;
    const [sample] = wanted;
    if (sample === undefined) return { actions: [], problems: [] };
    if (sidecar === undefined)
      return { actions: [{ do: 'add', index: 0 }], problems: partial(sidecars, sample, spec.namespace) };
    if (second !== undefined)
      return {
        actions: [],
        problems: [
          problemAt(second, ['metadata', 'name'], {
            rule: 'sidecar-several',
            severity: 'error',
            message: `The namespace has two Sidecars without a workloadSelector, "${sidecar.builtName}" and "${second.builtName}"; Istio uses the older one and ignores the other.`,
            fix: 'Merge them into one.',
            see: 'https://istio.io/latest/docs/reference/config/analysis/ist0111/',
          }),
        ],
      };
    const action = reconcileSidecar(sidecar, sample, spec);
    return {
      actions: action === undefined ? [] : [action],
      problems: [...partial(sidecars, sample, spec.namespace), ...leftOpen(sidecar, spec)],
    };
  },
});

function reconcileSidecar(
  sidecar: Manifest,
  wanted: JsonObject,
  spec: BoundSpec,
): ReconcileAction | undefined {
  const edits: YamlEdit[] = [];
  const listeners = listAt(sidecar.built, 'spec', 'egress');
  const known = listeners.flatMap((listener) => stringsAt(listener, 'hosts'));
  const missing = stringsAt(wanted, 'spec', 'egress', 0, 'hosts').filter(
    (host) => !isCovered(host, known, spec.namespace),
  );
  const general = listeners.findIndex(
    (listener) =>
      stringAt(listener, 'port', 'name') === undefined && objectAt(listener, 'port').number === undefined,
  );
  // Without any egress listener the proxies see everything: there is nothing to add to.
  if (listeners.length > 0 && missing.length > 0) {
    if (general < 0) edits.push({ op: 'append', path: ['spec', 'egress'], value: { hosts: missing } });
    else
      for (const host of missing)
        edits.push({ op: 'append', path: ['spec', 'egress', general, 'hosts'], value: host });
  }
  const mode = stringAt(sidecar.built, 'spec', 'outboundTrafficPolicy', 'mode');
  const isDeclared = specOf(sidecar).outboundTrafficPolicy !== undefined;
  const wantedMode = spec.stage === 'enforced' ? 'REGISTRY_ONLY' : 'ALLOW_ANY';
  const isOurs = isInOwnedFile(sidecar, spec, file);
  // Who chose a mode before the mesh came keeps it; only our own file goes from one to the other.
  if (mode !== wantedMode && (!isDeclared || isOurs))
    edits.push({ op: 'set', path: ['spec', 'outboundTrafficPolicy', 'mode'], value: wantedMode });
  if (edits.length === 0) return undefined;
  const why =
    missing.length > 0
      ? `it did not cover ${missing.join(', ')}`
      : `outbound calls are ${wantedMode} at this stage`;
  return { do: 'edit', manifest: sidecar, edits, why };
}

/** People who chose ALLOW_ANY keep it, and hear what that means. */
function leftOpen(sidecar: Manifest, spec: BoundSpec): readonly Problem[] {
  const path = ['spec', 'outboundTrafficPolicy', 'mode'] as const;
  const isOpen = stringAt(sidecar.built, ...path) === 'ALLOW_ANY' && !isInOwnedFile(sidecar, spec, file);
  if (spec.stage !== 'enforced' || !isOpen) return [];
  return [
    problemAt(sidecar, path, {
      rule: 'sidecar-egress-open',
      severity: 'warning',
      message: `Sidecar "${sidecar.builtName}" sets ALLOW_ANY, so its pods may still call hosts that nothing declares. It was kept.`,
      fix: 'Remove the mode, and the next run sets REGISTRY_ONLY.',
      see: page,
    }),
  ];
}

/** A Sidecar for some workloads hides the namespace-wide one from them, so it needs the same hosts. */
function partial(sidecars: readonly Manifest[], wanted: JsonObject, own: string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const sidecar of sidecars) {
    const listeners = listAt(sidecar.built, 'spec', 'egress');
    if (specOf(sidecar).workloadSelector === undefined || listeners.length === 0) continue;
    const known = listeners.flatMap((listener) => stringsAt(listener, 'hosts'));
    const missing = stringsAt(wanted, 'spec', 'egress', 0, 'hosts').filter(
      (host) => !isCovered(host, known, own),
    );
    if (missing.length > 0)
      problems.push(
        problemAt(sidecar, ['spec', 'egress'], {
          rule: 'sidecar-partial',
          severity: 'warning',
          message: `The workloads this Sidecar selects do not see ${missing.join(', ')}.`,
          fix: 'Add the hosts that these workloads call.',
          see: page,
        }),
      );
  }
  return problems;
}

function calleeHosts(spec: BoundSpec): readonly string[] {
  const hosts = spec.callees.map(
    ({ namespace, service }) => `${namespace}/${serviceHost(service, namespace)}`,
  );
  return [...new Set(hosts)].sort();
}

function providerHosts(spec: BoundSpec): readonly string[] {
  const always = new Set<string>([spec.mesh.rootNamespace, 'kube-system', spec.namespace]);
  const hosts = spec.mesh.providers
    .filter(({ namespace }) => !always.has(namespace))
    .map(({ namespace, service }) => `${namespace}/${serviceHost(service, namespace)}`);
  return [...new Set(hosts)].filter((host) => !calleeHosts(spec).includes(host)).sort();
}

/** Whether egress hosts `known` of a Sidecar in `own` make `host` visible; both are written `namespace/dnsName`. */
function isCovered(host: string, known: readonly string[], own: string): boolean {
  const read = (text: string) => {
    const [namespace = '', dns = ''] = text.split('/');
    return { namespace: namespace === '.' ? own : namespace, dns };
  };
  const wanted = read(host);
  return known
    .map(read)
    .some(
      ({ namespace, dns }) =>
        (namespace === '*' || namespace === wanted.namespace) && covers(dns, wanted.dns),
    );
}
