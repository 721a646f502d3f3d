import type { Random } from './random.ts';

/** A fleet file, and what it declares. */
export interface RandomFleet {
  readonly text: string;
  /** `namespace/service` of all. */
  readonly services: readonly string[];
  /** `from -> to:port` of all that is declared. */
  readonly calls: ReadonlySet<string>;
}

/** The ports of every service. */
export const fleetPorts = [8080, 9090];

/** A fleet of a few namespaces whose services call each other as chance has it. */
export function randomFleet(random: Random, stage: 'outside' | 'enforced'): RandomFleet {
  const services = Array.from({ length: 2 + random.below(3) }, (_, index) => `team-${String(index)}`).flatMap(
    (team) => Array.from({ length: 1 + random.below(3) }, (_, index) => `${team}/app-${String(index)}`),
  );
  const calls = new Set<string>();
  for (let count = random.below(services.length * 3); count > 0; count--) {
    const [from, to] = [random.pick(services), random.pick(services)];
    if (from !== to) calls.add(`${from} -> ${to}:${String(random.pick(fleetPorts))}`);
  }
  const teams = [...new Set(services.map((each) => each.split('/')[0] ?? ''))];
  const entries = teams.map((team) => {
    const own = services
      .filter((each) => each.startsWith(`${team}/`))
      .map((each) => {
        const called = [...calls]
          .filter((call) => call.startsWith(`${each} -> `))
          .map((call) => call.split(' -> ')[1]);
        const name = each.split('/')[1] ?? '';
        const declared = fleetPorts.map(
          (port) => `{number: ${String(port)}, protocol: http, targetPort: ${String(port)}}`,
        );
        return `      - {name: ${name}, serviceAccount: ${name}, selector: {app: ${name}}, ports: [${declared.join(', ')}], calls: [${called.map((call) => `"${call ?? ''}"`).join(', ')}]}`;
      });
    return `  - name: ${team}\n    repository: acme/${team}\n    path: deploy\n    stage: ${stage}\n    services:\n${own.join('\n')}`;
  });
  const text = `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
${entries.join('\n')}
`;
  return { text, services, calls };
}
