// Fleets of any size, with a head like that of the examples.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const examples = readFileSync(new URL('../examples/fleet.yaml', import.meta.url), 'utf8');
const head = examples
  .slice(0, examples.indexOf('namespaces:'))
  // Clusters without a repository are no targets.
  .replace('  repository: acme/platform\n', '');

const entry = (index, count) => `  - name: shop-${index}
    repository: acme/shop-${index}
    path: deploy/{environment}
    environments: [lab]
    stage: joined
    namespaceManifest: create
    services:
      - {name: frontend, serviceAccount: frontend, ports: [8080], hosts: ["shop-${index}.{domain}"], calls: ["cart:7070", "shop-${(index + 1) % count}/cart:7070"]}
      - {name: cart, serviceAccount: cart, ports: [7070/grpc], complete: {calls: it calls nobody}}
    external: [{host: api.example.com}]
`;

/** One file; each namespace calls the next one, all in one circle. */
export function fleetOf(count) {
  return `${head}namespaces:\n${Array.from({ length: count }, (_, index) => entry(index, count)).join('')}`;
}

/** The same with a file for each thousand.
 *  @returns the fleet file */
export function writeFleet(folder, count) {
  const part = 1000;
  mkdirSync(join(folder, 'teams'), { recursive: true });
  writeFileSync(join(folder, 'fleet.yaml'), `${head}include: [teams/*.yaml]\n`);
  for (let from = 0; from < count; from += part) {
    const length = Math.min(part, count - from);
    const entries = Array.from({ length }, (_, index) => entry(from + index, count));
    writeFileSync(join(folder, `teams/${from}.yaml`), `namespaces:\n${entries.join('')}`);
  }
  return join(folder, 'fleet.yaml');
}
