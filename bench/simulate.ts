import { it } from 'vitest';
import { Inventory } from '../src/mesh/inventory.ts';
import { defaultSettings, declareSettings } from '../src/mesh/settings.ts';
import type { JsonObject } from '../src/model/json.ts';
import { knownKind, type Resource } from '../src/model/resource.ts';
import type { Call } from '../src/model/traffic.ts';
import { simulate } from '../src/traffic/simulate.ts';
import { statesOf } from '../src/traffic/states.ts';

/** A cluster of `namespaces` namespaces of two applications each, every one called by ten others, at a stage. */
function cluster(namespaces: number, stage: 'outside' | 'joined' | 'enforced'): readonly Resource[] {
  const found: Resource[] = [];
  const add = (
    apiVersion: string,
    kind: string,
    namespace: string,
    name: string,
    spec: JsonObject,
    more: Partial<Resource> = {},
  ) => {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    const known = knownKind(group, kind);
    const rangeOf = () => ({ file: `${namespace}.yaml`, line: 1, column: 1, endLine: 1, endColumn: 1 });
    found.push({
      apiVersion,
      group,
      kind,
      known,
      name,
      namespace,
      hasNamespace: true,
      build: namespace,
      labels: {},
      annotations: {},
      value: { apiVersion, kind, metadata: { name, namespace }, spec },
      spec,
      rangeOf,
      sourceOf: () => undefined,
      ...more,
    });
  };
  for (let index = 0; index < namespaces; index++) {
    const namespace = `team-${String(index)}`;
    add(
      'v1',
      'Namespace',
      '',
      namespace,
      {},
      { labels: stage === 'outside' ? {} : { 'istio.io/rev': 'stable' } },
    );
    for (const name of ['web', 'api']) {
      add('v1', 'Service', namespace, name, {
        selector: { app: name },
        ports: [{ name: 'http', port: 8080 }],
      });
      const template = {
        metadata: { labels: { app: name } },
        spec: { serviceAccountName: name, containers: [] },
      };
      add('apps/v1', 'Deployment', namespace, name, { template });
    }
    if (stage === 'outside') continue;
    const callees = Array.from(
      { length: 10 },
      (_, step) => `team-${String((index + step + 1) % namespaces)}/*`,
    );
    const outboundTrafficPolicy = { mode: stage === 'enforced' ? 'REGISTRY_ONLY' : 'ALLOW_ANY' };
    add('networking.istio.io/v1', 'Sidecar', namespace, 'default', {
      egress: [{ hosts: ['./*', ...callees] }],
      outboundTrafficPolicy,
    });
    const principals = Array.from(
      { length: 10 },
      (_, step) => `cluster.local/ns/team-${String((index - step - 1 + namespaces) % namespaces)}/sa/web`,
    );
    add(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      namespace,
      'callers',
      { rules: [{ from: [{ source: { principals } }] }] },
      { annotations: stage === 'joined' ? { 'istio.io/dry-run': 'true' } : {} },
    );
    add('networking.istio.io/v1', 'DestinationRule', namespace, 'api', {
      host: 'api',
      trafficPolicy: stage === 'enforced' ? { tls: { mode: 'ISTIO_MUTUAL' } } : { connectionPool: {} },
    });
  }
  return found;
}

function callsAmong(namespaces: number): readonly Call[] {
  return Array.from({ length: namespaces * 10 }, (_, index): Call => {
    const from = Math.floor(index / 10);
    const to = (from + (index % 10) + 1) % namespaces;
    return {
      from: { kind: 'workload', namespace: `team-${String(from)}`, name: 'web' },
      to: { kind: 'service', namespace: `team-${String(to)}`, name: 'api', port: 8080 },
      evidence: [],
    };
  });
}

it.each([[500], [1000], [2500], [5000]])('%i namespaces, ten calls each, all states', (namespaces) => {
  const inventoryAt = (stage: 'outside' | 'joined' | 'enforced') =>
    new Inventory(cluster(namespaces, stage), declareSettings(defaultSettings, {}));
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const states = statesOf({
    before: inventoryAt('outside'),
    after: inventoryAt('joined'),
    enforced: inventoryAt('enforced'),
    strict: inventoryAt('enforced'),
  });
  const reports = simulate(callsAmong(namespaces), states);
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const broken = reports.filter((each) =>
    Object.values(each.states).some(({ verdict }) => verdict !== 'works'),
  ).length;
  const megabytes = Math.round(process.memoryUsage().rss / 1_048_576);
  process.stdout.write(
    `simulate: ${String(namespaces)} namespaces, ${String(reports.length)} calls, 6 states: ${seconds.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of a core), ${String(megabytes)} MiB, ${String(broken)} not working\n`,
  );
});
