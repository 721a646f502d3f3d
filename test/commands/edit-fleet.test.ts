import { describe, expect, it } from 'vitest';
import { editFleet } from '../../src/commands/edit-fleet.ts';
import { setStages } from '../../src/fleet/edit.ts';
import { oneFile, type FleetTexts } from '../../src/fleet/texts.ts';
import { labAt, MeshWorld } from './mesh-world.ts';
import { bare, checkout, shop, World } from './world.ts';

const answers = (name: string, then: string) => `name: ${name}
repository: acme/shop
path: deploy/{environment}
stage: {lab: joined}
services:
  - {name: cart, serviceAccount: cart, ports: [7070]}
then: ${then}
`;
const theirs = (fleet: string) => `${fleet}# Theirs.\n`;

describe('a fleet file that someone else writes while a command runs keeps what both wrote', () => {
  it.each(['write', 'open'])('new, to %s', async (then) => {
    const world = new World(
      { 'fleet.yaml': bare, 'a.yaml': answers('shop', then), ...checkout() },
      { 'acme/shop': shop },
    );
    let count = 0;
    world.beforeWrite = () => {
      if (count++ < 3)
        world.edit('fleet.yaml', (text) => text.replace('# None yet.', `# None yet. ${String(count)}`));
    };

    const { code, problems } = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(code).toBe(0);
    expect(world.text('fleet.yaml')).toContain('- name: shop');
    expect(world.text('fleet.yaml')).toContain('# None yet. 3');
    expect(world.drafts).toHaveLength(then === 'open' ? 1 : 0);
  });

  it('rollback', async () => {
    const world = await labAt('enforced');
    world.beforeWrite = theirs;

    expect((await world.run('rollback', ['payments@lab'], { level: '1' })).code).toBe(0);

    expect(world.fleet).toMatch(/stage:\n? *\{? *lab: joined/);
    expect(world.fleet).toContain('# Theirs.');
  });

  it('strict', async () => {
    const world = await labAt('enforced');
    world.beforeWrite = theirs;

    expect((await world.run('strict', ['lab-eu-1'])).code).toBe(0);

    expect(world.fleet).toContain('mode: strict');
    expect(world.fleet).toContain('# Theirs.');
  });

  it('wave open', async () => {
    const world = new MeshWorld();
    const before = world.fleet;
    await world.openAndMerge('cluster/lab-eu-1', 'cluster/lab-eu-2', 'bookinfo@lab');
    world.fleet = before.replace(/stage: (?:joined|enforced)/g, 'stage: outside');
    world.beforeWrite = theirs;

    const { problems } = await world.run('wave open', []);

    expect(problems.map(({ rule }) => rule)).not.toContain('changed-meanwhile');
    expect(world.fleet).toContain('# Theirs.');
  });

  it('calls import', async () => {
    const world = new MeshWorld();
    world.beforeWrite = theirs;
    world.files['calls.json'] = JSON.stringify({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [
          {
            metric: {
              __name__: 'istio_requests_total',
              reporter: 'source',
              source_workload_namespace: 'online-boutique',
              source_workload: 'recommendationservice',
              source_principal: 'unknown',
              destination_service: 'ledger.payments.svc.cluster.local',
            },
            value: [1764057600, '3'],
          },
        ],
      },
    });

    expect((await world.run('calls import', ['calls.json'], { write: true })).code).toBe(0);

    expect(world.fleet).toContain('payments/ledger:9000');
    expect(world.fleet).toContain('# Theirs.');
  });
});

it('a fleet file that is another each time is left alone in the end, and the problem says so', async () => {
  const world = await labAt('joined');
  const services = new World({ 'fleet.yaml': world.fleet });
  services.beforeWrite = () => {
    services.edit('fleet.yaml', theirs);
  };
  const declare = (texts: FleetTexts) =>
    setStages(texts, [{ namespace: 'payments', environment: 'lab', stage: 'outside' }]);

  const written = await editFleet(oneFile(world.fleet, 'fleet.yaml'), declare, services);

  expect(written.problems.map(({ rule }) => rule)).toEqual(['changed-meanwhile']);
  expect(services.text('fleet.yaml')?.replaceAll('# Theirs.\n', '')).toBe(world.fleet);
});
