import type { NamespaceSpec } from '../model/fleet.ts';
import type { Call, Callee, Evidence } from '../model/traffic.ts';

/** The calls that a fleet declares for the namespaces of one cluster, hosts of the gateway included.
 *  @param file  the fleet file, as the user names it */
export function declaredCalls(specs: readonly NamespaceSpec[], file: string): readonly Call[] {
  const evidence: readonly Evidence[] = [{ source: 'declared', file }];
  return specs.flatMap((spec) => [
    ...incoming(spec, evidence),
    ...spec.external.flatMap(({ host, ports }) =>
      // Policies of the namespace are for all its workloads, and so is what it may reach.
      ports.map(({ number }): Call => ({
        from: { kind: 'account', namespace: spec.namespace, serviceAccount: undefined },
        to: { kind: 'host', host, port: number },
        evidence,
      })),
    ),
    ...(spec.kubernetesApi ? [apiServer(spec.namespace, evidence)] : []),
  ]);
}

function incoming({ namespace, services }: NamespaceSpec, evidence: readonly Evidence[]): readonly Call[] {
  return services.flatMap(({ name, ports, hosts, gatewayPort, callers }) => {
    const at = (port: number | undefined): Callee => ({ kind: 'service', namespace, name, port });
    const called = callers.flatMap((caller): readonly Call[] => {
      const numbers = caller.ports.length > 0 ? caller.ports : ports.map(({ number }) => number);
      const from: Call['from'] =
        caller.service === undefined
          ? { kind: 'account', namespace: caller.namespace, serviceAccount: caller.serviceAccount }
          : { kind: 'workload', namespace: caller.namespace, name: caller.service };
      return numbers.map((port) => ({ from, to: at(port), evidence }));
    });
    return [
      ...called,
      ...hosts.map((host): Call => ({ from: { kind: 'gateway' }, to: at(gatewayPort), host, evidence })),
    ];
  });
}

function apiServer(namespace: string, evidence: readonly Evidence[]): Call {
  return {
    from: { kind: 'account', namespace, serviceAccount: undefined },
    to: { kind: 'service', namespace: 'default', name: 'kubernetes', port: 443 },
    evidence,
  };
}
