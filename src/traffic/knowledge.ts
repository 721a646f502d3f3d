import { isGateway } from '../mesh/gateway-account.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { hasLabels } from '../k8s/selector.ts';
import type { Workload } from '../mesh/workload.ts';
import type { NamespaceSpec, ObservedTraffic, ServiceSpec } from '../model/fleet.ts';
import type { Call, Evidence, Knowledge, Known } from '../model/traffic.ts';

/** What is known of the callers of each Service with pods of a namespace, and of what each of its workloads calls.
 *  Absent is unknown: a Service or workload that the fleet does not mention is unknown both ways.
 *  @param inventory  the built cluster; without one, the services of the fleet stand for their pods
 *  @param file  the fleet file, as the user names it
 *  @param seen  calls that some tool has recorded, for which all are in the graph */
export function knowledgeOf(
  spec: NamespaceSpec,
  inventory: Inventory | undefined,
  file: string,
  seen: readonly Call[] = [],
): readonly Known[] {
  const { namespace } = spec;
  const known: Known[] = [];
  const ofService = new Map(spec.services.map((service) => [service.name, service]));
  const add = (kind: Known['kind'], name: string, service: ServiceSpec | undefined) => {
    const evidence = evidenceOf(kind, spec, service, file);
    const recorded = seen.flatMap((call) => (isAbout(kind, call, namespace, name) ? call.evidence : []));
    const all = [
      ...evidence,
      ...recorded.filter((each) => each.window !== undefined && (each.count ?? 0) > 0),
    ];
    known.push({ kind, namespace, name, knowledge: judged(all, kind, namespace, name) });
  };
  if (inventory === undefined) {
    for (const service of spec.services) {
      if (service.ports.length > 0) add('callers', service.name, service);
      add('callees', service.name, service);
    }
    return known;
  }
  const workloads = inventory.workloadsIn(namespace).filter((workload) => !isGateway(workload));
  for (const service of inventory.servicesIn(namespace)) {
    if (service.externalName !== undefined || service.ports.length === 0) continue;
    const pods = inventory.workloadsOf(service).filter((workload) => !isGateway(workload));
    if (pods.length > 0) add('callers', service.name, ofService.get(service.name));
  }
  const names = new Map<string, ServiceSpec | undefined>();
  for (const workload of workloads) {
    const service = declaredFor(workload, spec, inventory);
    names.set(service?.name ?? workload.name, service);
  }
  for (const [name, service] of names) add('callees', name, service);
  return known;
}

function isAbout(kind: Known['kind'], { from, to }: Call, namespace: string, name: string): boolean {
  const end = kind === 'callers' ? to : from;
  return (
    (end.kind === 'service' || end.kind === 'workload') && end.namespace === namespace && end.name === name
  );
}

/** The service of the fleet that a workload is: one of those that select it, or the one with its name or labels. */
function declaredFor(
  workload: Workload,
  { services, namespace }: NamespaceSpec,
  inventory: Inventory,
): ServiceSpec | undefined {
  const selecting = new Set(
    inventory
      .servicesIn(namespace)
      .filter(({ selector }) => selector !== undefined && hasLabels(workload.labels, selector))
      .map(({ name }) => name),
  );
  return (
    services.find(({ name }) => selecting.has(name)) ??
    services.find(({ name, selector }) =>
      selector === undefined ? name === workload.name : hasLabels(workload.labels, selector),
    )
  );
}

function evidenceOf(
  kind: Known['kind'],
  spec: NamespaceSpec,
  service: ServiceSpec | undefined,
  file: string,
): readonly Evidence[] {
  const complete = service?.complete ?? spec.complete;
  const reason = kind === 'callers' ? complete.callers : complete.calls;
  const { observed } = service ?? {};
  const count = observed === undefined ? 0 : countOf(kind, observed);
  const isDeclared =
    kind === 'callees'
      ? service?.hasCalls === true
      : service !== undefined && service.callers.length + service.hosts.length > 0;
  return [
    ...(isDeclared ? [{ source: 'declared' as const, file }] : []),
    ...(reason === undefined ? [] : [{ source: 'stated' as const, file, reason }]),
    ...(observed === undefined || count === 0
      ? []
      : [
          {
            source: observed.source,
            file,
            count,
            window: { from: observed.from, until: observed.until },
          },
        ]),
  ];
}

/** Policies in dry-run see who calls, and nothing of what is called. */
function countOf(kind: Known['kind'], { source, received, sent }: ObservedTraffic): number {
  if (kind === 'callers') return received;
  return source === 'envoy' ? sent : received + sent;
}

function judged(
  evidence: readonly Evidence[],
  kind: Known['kind'],
  namespace: string,
  name: string,
): Knowledge {
  if (evidence.length > 0) return { is: 'known', evidence };
  const what = kind === 'callers' ? 'callers' : 'calls';
  return {
    is: 'unknown',
    settle: `Import recorded traffic of ${namespace} (meshwright calls import FILE), declare its ${what} in fleet.yaml, or state under complete: {${what}: REASON} that there are none but the declared ones (${name}).`,
  };
}
