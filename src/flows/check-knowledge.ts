import type { Inventory } from '../mesh/inventory.ts';
import type { BundleCalls } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import { listed } from '../model/listed.ts';
import type { Problem } from '../model/problem.ts';
import { describeCaller, describeCallee, isDeclared, type CallReport, type Known } from '../model/traffic.ts';
import { knowledgeOf } from '../traffic/knowledge.ts';
import type { ClusterScope } from './cluster-scope.ts';

/** Names of the checks, for overrides. */
export const callersUnknown = 'callers-unknown';
export const callsUnknown = 'calls-unknown';

/** Whether a target refuses what it does not know once it is merged. */
export function isEnforcing({ stage }: Target): boolean {
  return stage === 'enforced' || stage === 'strict';
}

/** What is known of the callers and calls of a target's namespaces on one place; of a cluster, of those that enforce. */
export function knowledgeAt(
  place: ClusterScope,
  target: Target,
  inventory: Inventory,
  file: string,
): readonly Known[] {
  const specs = place.specs.filter(({ namespace, stage }) =>
    target.kind === 'namespace' ? namespace === target.namespace : stage === 'enforced',
  );
  return specs.flatMap((spec) => knowledgeOf(spec, inventory, file));
}

/** The names of those of whom nothing is known, each once. */
export function unknownOf(known: readonly Known[]): BundleCalls['unknown'] {
  const names = (kind: Known['kind']) => [
    ...new Set(
      known
        .filter((each) => each.kind === kind && each.knowledge.is === 'unknown')
        .map(({ namespace, name }) => `${namespace}/${name}`),
    ),
  ];
  return { callers: names('callers'), callees: names('callees') };
}

const shown = 10;

/** What keeps a target from enforcing: someone whose callers or calls nobody knows would be cut off unseen. */
export function unknownProblems(
  { callers, callees }: BundleCalls['unknown'],
  target: Pick<Target, 'id'>,
  reports: readonly CallReport[],
): readonly Problem[] {
  const undeclared = reports.map(({ call }) => call).filter((call) => !isDeclared(call));
  const hints = (ends: readonly string[], endOf: (call: CallReport['call']) => string) => {
    const found = undeclared.filter((call) => ends.some((end) => endOf(call).split(':')[0] === end));
    const texts = [
      ...new Set(found.map(({ from, to }) => `${describeCaller(from)} -> ${describeCallee(to)}`)),
    ];
    return texts.length === 0
      ? ''
      : ` Manifests name ${listed(texts, shown)}, which fleet.yaml does not declare.`;
  };
  const fix = (what: string) =>
    `meshwright simulate ${target.id} lists them with lines to add: import recorded traffic (calls import), declare them, or state complete: {${what}: REASON}.`;
  return [
    ...(callers.length === 0
      ? []
      : [
          {
            rule: callersUnknown,
            severity: 'error' as const,
            message: `${callers.length === 1 ? 'Nobody knows' : `Of ${String(callers.length)} Services nobody knows`} who calls ${listed(callers, shown)}; the policies of ${target.id} would refuse every caller that is not declared.${hints(callers, ({ to }) => describeCallee(to))}`,
            fix: fix('callers'),
          },
        ]),
    ...(callees.length === 0
      ? []
      : [
          {
            rule: callsUnknown,
            severity: 'error' as const,
            message: `Nobody knows what ${listed(callees, shown)} ${callees.length === 1 ? 'calls' : 'call'}; REGISTRY_ONLY would refuse every host that is not declared.${hints(callees, ({ from }) => describeCaller(from))}`,
            fix: fix('calls'),
          },
        ]),
  ];
}
