import type { Fleet, Target } from '../model/fleet.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { nearest } from './nearest.ts';
import { isInShard, parseShard } from './shard.ts';

/** Which targets a command is about. */
export interface Selection {
  /** `shop@lab`, `shop` for all its environments, or with `*`. */
  readonly names: readonly string[];
  readonly all: boolean;
  readonly environment?: string | undefined;
  readonly cluster?: string | undefined;
  /** `2/8`: the second of eight parts, divided by repository; it may be empty. */
  readonly shard?: string | undefined;
}

/** The targets a person asked for, in the fleet's order.
 *  @returns problems `target-unknown`, `target-none` (usage: nothing selected) */
export function selectTargets(fleet: Fleet, selection: Selection): Outcome<readonly Target[]> {
  const shard = selection.shard === undefined ? undefined : parseShard(selection.shard);
  if (shard?.ok === false) return shard;
  const problems: Problem[] = [];
  const isFiltered = selection.environment !== undefined || selection.cluster !== undefined;
  if (selection.names.length === 0 && !selection.all && !isFiltered)
    return failure({
      rule: 'target-none',
      severity: 'error',
      message: 'No target was named.',
      fix: 'Name targets such as shop@lab, or use --all, --environment NAME or --cluster NAME.',
    });
  const clusters = new Map(
    fleet.environments.map(({ name, clusters: all }) => [name, all.map((cluster) => cluster.name)]),
  );
  if (selection.environment !== undefined)
    checkKnown('environment', selection.environment, clusters.keys(), problems);
  if (selection.cluster !== undefined)
    checkKnown('cluster', selection.cluster, [...clusters.values()].flat(), problems);
  const named = new Set<string>();
  for (const name of selection.names) {
    const matching = fleet.targets.filter((target) => matches(name, target));
    for (const { id } of matching) named.add(id);
    if (matching.length === 0) problems.push(unknownTarget(name, fleet));
  }
  if (problems.length > 0) return failure(...problems);
  const isOn = (target: Target, cluster: string) =>
    target.kind === 'cluster'
      ? target.cluster === cluster
      : clusters.get(target.environment)?.includes(cluster) === true;
  const chosen = fleet.targets.filter(
    (target) =>
      (selection.names.length === 0 || named.has(target.id)) &&
      (selection.environment === undefined || target.environment === selection.environment) &&
      (selection.cluster === undefined || isOn(target, selection.cluster)),
  );
  if (chosen.length > 0)
    return success(
      shard === undefined ? chosen : chosen.filter(({ repository }) => isInShard(repository, shard.value)),
    );
  return failure({
    rule: 'target-none',
    severity: 'error',
    message: 'The selection matches no target of the fleet.',
    fix: 'Widen it, or declare a namespace with meshwright new.',
  });
}

function checkKnown(what: string, name: string, known: Iterable<string>, problems: Problem[]): void {
  const names = [...known];
  if (names.includes(name)) return;
  const guess = nearest(name, names);
  problems.push({
    rule: 'target-unknown',
    severity: 'error',
    message: `The fleet has no ${what} "${name}".`,
    fix: guess === undefined ? `Known: ${names.join(', ') || 'none'}.` : `Did you mean ${guess}?`,
  });
}

function matches(name: string, target: Target): boolean {
  if (target.kind === 'cluster') return name.startsWith('cluster/') && matchesPart(name, target.id);
  const [namespace = '', environment = '*'] = name.split('@');
  return matchesPart(namespace, target.namespace) && matchesPart(environment, target.environment);
}

function matchesPart(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) return text.length - at >= part.length && text.endsWith(part);
    const found = index === 0 ? (text.startsWith(part) ? 0 : -1) : text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function unknownTarget(name: string, fleet: Fleet): Problem {
  const guess = nearest(
    name,
    fleet.targets.map((target) =>
      target.kind === 'cluster' || name.includes('@') ? target.id : target.namespace,
    ),
  );
  return {
    rule: 'target-unknown',
    severity: 'error',
    message: `The fleet has no target "${name}".`,
    fix:
      guess === undefined
        ? 'Write namespace@environment or cluster/NAME, as declared in the fleet file.'
        : `Did you mean ${guess}?`,
  };
}
