import { stringAt, stringsAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Client, Destination } from './client.ts';
import { HostIndex } from '../k8s/host-index.ts';
import { expandHost, isExportedTo } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';

/** Which of a namespace's rules are looked at: all that its own clients see, or those that it gives to others. */
type RuleScope = 'own' | 'private' | 'exported';

/** The DestinationRules by which `client` calls a service: those of one host in one namespace, which Istio merges. The
 *  first of the client's namespace, the service's, and the root namespace that has a match wins completely; nothing is
 *  inherited from the others.
 *  @returns none when no rule applies
 *  @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration */
export function destinationRulesFor(
  client: Client,
  { host, namespace }: Pick<Destination, 'host' | 'namespace'>,
  inventory: Inventory,
): readonly Resource[] {
  const { rootNamespace } = inventory.settings;
  // What the root namespace gives to all is a fallback for its own clients too.
  const view = client.namespace === rootNamespace ? 'private' : 'own';
  const own = rulesIn(client.namespace, view, inventory).at(host);
  if (own.length > 0) return selected(own, client);
  for (const other of [namespace, rootNamespace]) {
    // Only the most specific host is looked at: when it is not exported to this client, the next namespace has its turn.
    const matching = rulesIn(other, 'exported', inventory).at(host);
    const seen = matching.filter((rule) => isExportedTo(exportToOf(rule), other, client.namespace));
    if (seen.length > 0) return seen;
  }
  return [];
}

/** A rule for some pods wins over those for all; other pods do not see it. */
function selected(rules: readonly Resource[], client: Client): readonly Resource[] {
  const mine = rules.filter((rule) => {
    const labels = selectorOf(rule);
    return Object.keys(labels).length > 0 && hasLabels(client.labels, labels);
  });
  return mine.length > 0 ? mine : rules.filter((rule) => !hasSelector(rule));
}

function rulesIn(namespace: string, view: RuleScope, inventory: Inventory): HostIndex<Resource> {
  return inventory.once(computeRules, namespace, view);
}

function computeRules(namespace: string, view: RuleScope, inventory: Inventory): HostIndex<Resource> {
  const rules = inventory.inNamespace('DestinationRule', namespace).filter((rule) => isIn(rule, view));
  return new HostIndex(
    rules.map((rule) => [
      expandHost(stringAt(rule.spec, 'host') ?? '', namespace, inventory.settings.clusterDomain),
      rule,
    ]),
  );
}

function isIn(rule: Resource, view: RuleScope): boolean {
  const exportTo = exportToOf(rule);
  const isPrivate = hasSelector(rule) || (exportTo.length > 0 && exportTo.every((each) => each === '.'));
  if (view === 'private') return isPrivate;
  if (view === 'exported') return !isPrivate;
  return hasSelector(rule) || isExportedTo(exportTo, rule.namespace, rule.namespace);
}

function exportToOf({ spec }: Resource): readonly string[] {
  return stringsAt(spec, 'exportTo');
}

function selectorOf({ spec }: Resource): Readonly<Record<string, string>> {
  return labelsAt(spec, 'workloadSelector', 'matchLabels');
}

function hasSelector(rule: Resource): boolean {
  return Object.keys(selectorOf(rule)).length > 0;
}
