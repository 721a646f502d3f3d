import { partsIn, says, saying, listed, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

const kinds = ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry'] as const;

const targets: ReadonlySet<string> = new Set([
  '/Service',
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

export default rule({
  id: 'policy-target-malformed',
  severity: 'error',
  kinds,
  summary: 'a policy with both a selector and targetRefs, or with an invalid target',
  why: 'A policy applies either to the pods that its selector matches or to the waypoints and gateways of its targets, never to both. Targets are Services, ServiceEntries, and Gateways or GatewayClasses of the Gateway API, in the namespace of the policy. The CRD and the webhook reject anything else; most often it is a `Gateway` without its group, or one of networking.istio.io.',
  fix: 'Keep either selector or targetRefs, and give each target one of these kinds with its group.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference'],
  *check(inventory) {
    for (const kind of kinds)
      for (const resource of inventory.of(kind)) {
        const spec = specOf(resource);
        const written = saying(spec, 'selector', 'targetRef', 'targetRefs');
        const second = written[1];
        if (second !== undefined)
          yield {
            resource,
            path: ['spec', second],
            at: 'key',
            message: `${listed(written)} are mutually exclusive.`,
          };
        for (const field of ['targetRef', 'targetRefs'])
          for (const target of partsIn(spec, field)) {
            const { path, value } = target;
            if (says(target, 'namespace'))
              yield {
                resource,
                path: [...path, 'namespace'],
                at: 'key',
                message: 'A target must be in the namespace of the policy.',
                fix: 'Remove the field, or move the policy.',
              };
            const group = stringAt(value, 'group') ?? '';
            const name = stringAt(value, 'kind') ?? '';
            if (name !== '' && !hasPlaceholder(`${group}${name}`) && !targets.has(`${group}/${name}`))
              yield {
                resource,
                path: [...path, 'kind'],
                message: `A policy can't target a ${name} of ${group === '' ? 'the core group' : group}.`,
                ...(name === 'Gateway' && {
                  fix: 'Set group: gateway.networking.k8s.io; for a Gateway of networking.istio.io, select its pods instead.',
                }),
              };
          }
      }
  },
});
