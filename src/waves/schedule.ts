import type { Step, Wave } from '../model/waves.ts';

/** An environment with what is on it. */
export interface ScheduledEnvironment {
  readonly name: string;
  readonly clusters: readonly string[];
  readonly namespaces: ReadonlySet<string>;
}

/** The waves in every environment, one environment after the other in promotion order. Environments without clusters of
 *  the fleet's own begin with their first wave. */
export function schedule(
  waves: readonly Wave[],
  environments: readonly ScheduledEnvironment[],
): readonly Step[] {
  const steps: Step[] = [];
  const add = (step: Omit<Step, 'week'>) => steps.push({ week: steps.length, ...step });
  for (const { name: environment, clusters, namespaces } of environments) {
    const moveClusters = (stage: 'permissive' | 'strict') =>
      clusters.map((cluster) => ({ target: `cluster/${cluster}`, stage }));
    if (clusters.length > 0)
      add({
        environment,
        what: 'infrastructure',
        name: 'infrastructure',
        moves: moveClusters('permissive'),
        gate: 'Flux and the load balancer are healthy',
      });
    for (const [index, wave] of waves.entries()) {
      const here = wave.namespaces.map(({ name }) => name).filter((name) => namespaces.has(name));
      if (here.length === 0) continue;
      const move = (stage: 'joined' | 'enforced') =>
        here.map((name) => ({ target: `${name}@${environment}`, stage }));
      add({
        environment,
        what: 'wave',
        name: wave.name,
        moves: [...move('joined'), ...move('enforced')],
        gate:
          index === 0
            ? '3 to 5 days of validation, dry-run policies quiet'
            : 'each verified before the next, dry-run policies quiet',
      });
    }
    if (clusters.length > 0)
      add({
        environment,
        what: 'strict',
        name: 'STRICT',
        moves: moveClusters('strict'),
        gate: '24 hours of monitoring',
      });
  }
  return steps;
}
