import { isObject, listAt, objectAt, stringAt, valueAt, type JsonObject } from '../../src/model/json.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import type { BoundService, BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { generator, isNamed, manifestsOf, problemAt, refOf, specOf } from '../shared.ts';
import { isInMesh } from './namespace-label.ts';
import { meansService } from '../../src/k8s/host.ts';

const page =
  'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode';
const tlsMode = ['spec', 'trafficPolicy', 'tls', 'mode'] as const;

/** How clients in the mesh talk to the namespace's services. Explicit ISTIO_MUTUAL only at `enforced`: before every pod
 *  has its sidecar it would send mTLS to pods that cannot answer (field report 6); auto mTLS decides per endpoint.
 *  @see https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
export default generator({
  id: 'istio-destinationrule',
  why: (stage) =>
    stage === 'enforced'
      ? 'clients in the mesh always use mTLS to these services'
      : 'holds the traffic policy; auto mTLS decides for each pod until every pod has a sidecar',
  owned: {
    file: 'istio-destinationrule.yaml',
    template: 'namespace/istio-destinationrule.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => {
      // A controller's rules are its own; other endpoints may have no sidecar to answer mTLS.
      const services = spec.services.filter(({ routes }) => routes === 'ours');
      if (services.length === 0) return undefined;
      return {
        namespace: spec.namespace,
        enforced: spec.stage === 'enforced',
        services: services.map(({ name, host, stickySession }) => ({ name, host, stickySession })),
      };
    },
  },
  reconcile(wanted, spec, tree) {
    const actions: ReconcileAction[] = [];
    const isThere = isMeshed(spec, tree.manifests);
    const problems: Problem[] = [
      ...peerAuthenticationHazards(
        spec,
        manifestsOf(tree, spec, 'security.istio.io', 'PeerAuthentication'),
        isThere,
      ),
      ...withoutMutual(spec),
    ];
    const present = manifestsOf(tree, spec, 'networking.istio.io', 'DestinationRule');
    for (const [index, rule] of wanted.entries()) {
      const host = stringAt(rule, 'spec', 'host') ?? '';
      const found = present.filter((each) =>
        meansService(stringAt(each.built, 'spec', 'host') ?? '', host, spec.namespace),
      );
      const name = stringAt(rule, 'metadata', 'name') ?? '';
      const taken = present.find((each) => isNamed(each, name));
      if (found.length === 0 && taken !== undefined)
        problems.push(
          problemAt(taken, ['spec', 'host'], {
            rule: 'bundle-name-taken',
            severity: 'error',
            message: `A DestinationRule "${name}" exists for another host, so none can be added for ${host}.`,
            fix: 'Rename it.',
          }),
        );
      else if (found.length === 0) actions.push({ do: 'add', index });
      for (const manifest of found) {
        const result = reconcileRule(manifest, rule, spec, isThere);
        if (result.action !== undefined) actions.push(result.action);
        problems.push(...result.problems);
      }
    }
    return { actions, problems };
  },
});

function reconcileRule(
  manifest: Manifest,
  wanted: JsonObject,
  spec: BoundSpec,
  isThere: boolean,
): { action: ReconcileAction | undefined; problems: readonly Problem[] } {
  const edits: YamlEdit[] = [];
  const reasons: string[] = [];
  const problems: Problem[] = [];
  const policy = objectAt(manifest.built, 'spec', 'trafficPolicy');
  const sticky = valueAt(wanted, 'spec', 'trafficPolicy', 'loadBalancer');
  if (sticky !== undefined && policy.loadBalancer === undefined) {
    edits.push({ op: 'set', path: ['spec', 'trafficPolicy', 'loadBalancer'], value: sticky });
    reasons.push('the declared sticky session was missing');
  }
  const mode = stringAt(manifest.built, ...tlsMode);
  const ownTls = tlsOfItsOwn(manifest);
  if (ownTls !== undefined) {
    if (spec.stage === 'enforced')
      problems.push(
        problemAt(manifest, ownTls, {
          rule: 'destination-rule-own-tls',
          severity: 'warning',
          message: `DestinationRule "${manifest.builtName}" has its own TLS settings, so ISTIO_MUTUAL was not set. Mesh mTLS does not protect the calls it covers.`,
          fix: 'Keep it if the application speaks TLS itself; otherwise remove its tls section.',
          see: page,
        }),
      );
  } else if (spec.stage === 'enforced') {
    if (mode !== 'ISTIO_MUTUAL') {
      edits.push({ op: 'set', path: tlsMode, value: 'ISTIO_MUTUAL' });
      reasons.push('mTLS is explicit at this stage');
    }
  } else if (mode === 'ISTIO_MUTUAL' && !(isThere && spec.stage === 'joined')) {
    edits.push({ op: 'delete', path: tlsMode, pruneEmpty: true });
    reasons.push(
      'explicit ISTIO_MUTUAL breaks calls to pods without a sidecar; auto mTLS is enough until enforced',
    );
  } else if (isObject(policy.tls) && mode === undefined)
    problems.push(
      problemAt(manifest, ['spec', 'trafficPolicy', 'tls'], {
        rule: 'tls-without-mode',
        severity: 'warning',
        message: 'The "tls" block has no "mode": Istio reads that as DISABLE and sends plaintext.',
        fix: 'Delete "tls" to leave the choice to auto mTLS.',
        see: page,
      }),
    );
  if (edits.length === 0) return { action: undefined, problems };
  return { action: { do: 'edit', manifest, edits, why: reasons.join('; ') }, problems };
}

/** Where the rule sets TLS that is not the mesh's: SIMPLE, MUTUAL, DISABLE, or anything on a port or subset. */
function tlsOfItsOwn(manifest: Manifest): readonly (string | number)[] | undefined {
  const mode = stringAt(manifest.built, ...tlsMode);
  if (mode !== undefined && mode !== 'ISTIO_MUTUAL') return tlsMode;
  const ports = ['spec', 'trafficPolicy', 'portLevelSettings'];
  for (const [index, port] of listAt(manifest.built, ...ports).entries())
    if (isObject(port) && port.tls !== undefined) return [...ports, index, 'tls'];
  for (const [index, subset] of listAt(manifest.built, 'spec', 'subsets').entries()) {
    const policy = objectAt(subset, 'trafficPolicy');
    const isOwn =
      policy.tls !== undefined ||
      listAt(policy, 'portLevelSettings').some((port) => isObject(port) && port.tls !== undefined);
    if (isOwn) return ['spec', 'subsets', index, 'trafficPolicy'];
  }
  return undefined;
}

/** Whether the namespace asked for sidecars before Meshwright came, and a control plane serves it: then its pods have them, and
 *  explicit ISTIO_MUTUAL or STRICT is a decision of people that works. The legacy label asks for the control plane without a
 *  revision: where the mesh has revisions, it injects nothing. */
function isMeshed({ mesh, namespace }: BoundSpec, all: readonly Manifest[]): boolean {
  return all.some(({ kind, group, written, builtName }) => {
    if (kind !== 'Namespace' || group !== '' || builtName !== namespace) return false;
    const labels = objectAt(written, 'metadata', 'labels');
    return isInMesh(labels, mesh) || labels['istio.io/rev'] !== undefined;
  });
}

/** Services for which explicit mTLS could break calls: what is behind them may not answer it. */
function withoutMutual(spec: BoundSpec): readonly Problem[] {
  if (spec.stage !== 'enforced') return [];
  return spec.services.flatMap(({ name, routes }): readonly Problem[] => {
    const why = reasons[routes];
    if (why === undefined) return [];
    return [
      {
        rule: why.rule,
        severity: 'warning',
        message: `The Service "${name}" ${why.what}, so ISTIO_MUTUAL was not set for it. Calls to it are encrypted only where an endpoint has a sidecar.`,
        fix: why.fix,
        see: page,
      },
    ];
  });
}

const reasons: Partial<Record<BoundService['routes'], { rule: string; what: string; fix: string }>> = {
  'to endpoints set by hand': {
    rule: 'service-without-selector',
    what: 'has no selector: its endpoints are set by hand and may have no sidecar',
    fix: 'Give it a selector if its pods are in this namespace.',
  },
  'to pods without a sidecar': {
    rule: 'service-without-sidecars',
    what: 'selects pods that refuse the sidecar (sidecar.istio.io/inject: "false", or hostNetwork)',
    fix: 'Keep it so if that is on purpose; otherwise remove what refuses the sidecar.',
  },
};

function peerAuthenticationHazards(
  spec: BoundSpec,
  authentications: readonly Manifest[],
  isThere: boolean,
): readonly Problem[] {
  return authentications.flatMap((manifest) => {
    const mode = stringAt(specOf(manifest), 'mtls', 'mode');
    if (mode === 'DISABLE')
      return [
        {
          ...problemAt(manifest, ['spec', 'mtls', 'mode'], {
            rule: 'peer-authentication-disable',
            severity: spec.stage === 'enforced' ? ('error' as const) : ('warning' as const),
            message: `PeerAuthentication "${manifest.builtName}" turns mTLS off, so clients that send it get 503.`,
            fix: 'Remove it, or set mode: PERMISSIVE.',
            see: 'https://istio.io/latest/docs/reference/config/security/peer_authentication/',
          }),
          resource: refOf(manifest),
        },
      ];
    if (mode === 'STRICT' && spec.stage === 'joined' && !isThere)
      return [
        problemAt(manifest, ['spec', 'mtls', 'mode'], {
          rule: 'peer-authentication-strict',
          severity: 'error',
          message: `PeerAuthentication "${manifest.builtName}" is STRICT already: once the pods have sidecars, every caller without one is cut off.`,
          fix: 'Set mode: PERMISSIVE until all callers are in the mesh.',
          see: 'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
        }),
      ];
    return [];
  });
}
