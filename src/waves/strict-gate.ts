import type { ClusterSpec, NamespaceSpec } from '../model/fleet.ts';
import type { Problem } from '../model/problem.ts';
import type { GateEntry, UnmetPrerequisite, ObservedCalls } from '../model/waves.ts';
import { plainCalls } from './evidence.ts';

/** What was found in the repositories about one namespace. */
export interface NamespaceFinding {
  readonly namespace: string;
  /** Empty: it is enforced. */
  readonly lacks: readonly UnmetPrerequisite[];
}

/** Whether a cluster may refuse plaintext. */
export interface StrictGate {
  readonly isOpen: boolean;
  readonly entries: readonly GateEntry[];
  /** Calls without mTLS that were seen and that no exemption covers. */
  readonly plain: readonly ObservedCalls[];
  readonly problems: readonly Problem[];
}

/** Decides the gate of STRICT: every namespace of the cluster that calls or is called is enforced, or exempted with a reason
 *  and a day that has not passed; and where there is evidence, it shows no other call in plaintext (FIELD-REPORT 5, S+4).
 *  @param findings  one for each namespace that calls or is called
 *  @param today  `2026-11-24` */
export function strictGate(
  spec: Pick<ClusterSpec, 'cluster' | 'exemptions'>,
  findings: readonly NamespaceFinding[],
  evidence: readonly ObservedCalls[] | undefined,
  today: string,
): StrictGate {
  const exemptions = new Map<string, ClusterSpec['exemptions'][number]>(
    spec.exemptions.map((exemption) => [exemption.namespace, exemption]),
  );
  const isExempt = (namespace: string) => (exemptions.get(namespace)?.until ?? '') >= today;
  const entries = findings.map((finding): GateEntry => {
    const exemption = exemptions.get(finding.namespace);
    if (finding.lacks.length === 0) return { ...finding, verdict: 'enforced' };
    if (exemption === undefined) return { ...finding, verdict: 'missing' };
    if (isExempt(finding.namespace)) return { ...finding, verdict: 'exempted', exemption };
    const ended = { what: `its exemption ended on ${exemption.until}` };
    return { ...finding, lacks: [ended, ...finding.lacks], verdict: 'missing' };
  });
  const plain = plainCalls(evidence ?? []).filter(
    ({ source, destination }) => !isExempt(source.namespace) && !isExempt(destination.namespace),
  );
  const missing = entries.filter(({ verdict }) => verdict === 'missing');
  return {
    isOpen: missing.length === 0 && plain.length === 0,
    entries,
    plain,
    problems: [
      ...missing.map((entry) => missingProblem(entry, spec.cluster)),
      ...plain.map((calls) => plainProblem(calls)),
    ],
  };
}

function missingProblem({ namespace, lacks }: GateEntry, cluster: string): Problem {
  const [first] = lacks;
  const more = lacks.length > 1 ? ` (and ${String(lacks.length - 1)} more)` : '';
  return {
    rule: 'strict-gate-namespace',
    severity: 'error',
    message: `Namespace "${namespace}" is not ready for STRICT on ${cluster}: ${first?.what ?? ''}${more}.`,
    fix: 'Finish and merge its pull requests, or exempt it with a reason and an end date under exemptions of the cluster in fleet.yaml.',
    repository: first?.repository,
    file: first?.file,
    line: first?.line,
  };
}

function plainProblem({ source, destination, policy, count }: ObservedCalls): Problem {
  const name = ({ namespace, workload }: ObservedCalls['source']) => `${namespace}/${workload}`;
  const times = Math.ceil(count) === 1 ? 'once' : `${String(Math.ceil(count))} times`;
  return {
    rule: 'strict-gate-plain-text',
    severity: 'error',
    message: `${name(source)} called ${name(destination)} ${times} without mTLS (${policy}).`,
    fix: 'Give the caller a sidecar, or exempt one of the two namespaces.',
  };
}

/** Namespaces outside of the fleet that call into a namespace by declaration (`allowFrom`): nothing is known of them. */
export function undeclaredCallers(specs: readonly NamespaceSpec[]): readonly NamespaceFinding[] {
  const known = new Set<string>(specs.map(({ namespace }) => namespace));
  const found = new Map<string, UnmetPrerequisite[]>();
  for (const { namespace, mesh, services } of specs)
    for (const { name, callers } of services)
      for (const caller of callers) {
        const isKnown =
          caller.stage !== undefined ||
          known.has(caller.namespace) ||
          caller.namespace === mesh.rootNamespace ||
          caller.namespace === mesh.gateway.podNamespace;
        if (isKnown) continue;
        const what = `it calls ${namespace}/${name} but is not in the fleet, so it is unknown whether its pods have a sidecar`;
        found.set(caller.namespace, [...(found.get(caller.namespace) ?? []), { what }]);
      }
  return [...found].map(([namespace, lacks]) => ({ namespace, lacks }));
}
