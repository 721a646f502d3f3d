import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { planUpgrades, planUpgradesIn } from '../../src/flows/upgrade.ts';
import type { PlannedTarget } from '../../src/model/bundle.ts';
import type { RepositoryId, TargetId } from '../../src/model/named.ts';
import type { Forge, RepositoryState, Tree } from '../../src/model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../../src/model/problem.ts';
import { paint } from '../../src/report/paint.ts';
import { describeDue } from '../../src/report/targets.ts';
import { app } from '../bundle/app.ts';
import { FakeForge } from '../fakes/forge.ts';
import { templates } from '../fakes/templates.ts';

const fleet = loadFleet(
  `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
  - name: shop
    repository: acme/shop
    path: deploy/overlays/lab
    environments: [lab]
    stage: joined
    services: [{name: catalog, serviceAccount: catalog, ports: [8080]}]
`,
  'fleet.yaml',
);
if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
const { targets, forge: forgeSpec } = fleet.value;
const options = { restore: false, fleetLocks: new Set<TargetId>(['shop@lab' as TargetId]) };

const orphans = ['.meshwright/old@lab.lock.yaml', '.meshwright/older@lab.lock.yaml'];
const repository = app();
const files = { 'acme/shop': { ...repository, ...Object.fromEntries(orphans.map((path) => [path, 'x'])) } };
const lost: Problem = {
  rule: 'forge-network',
  severity: 'error',
  message: 'The connection to the forge failed.',
};

/** A tree whose orphaned locks can't be read. */
const withoutLocks = (tree: Tree): Tree => ({
  ...tree,
  read: (paths) =>
    paths.some((path) => orphans.includes(path)) ? Promise.resolve(failure(lost)) : tree.read(paths),
});

/** @param change  what becomes of each answer about a repository; the first is number 0 */
function forgeThat(
  change: (state: Outcome<RepositoryState>, call: number) => Outcome<RepositoryState>,
): Forge {
  const forge = new FakeForge(files);
  let calls = 0;
  const state = forge.state.bind(forge);
  forge.state = async (...asked) => change(await state(...asked), calls++);
  return forge;
}

const stateOf = (forge: Forge) => forge.state('acme/shop' as RepositoryId, forgeSpec.baseBranch, undefined);

describe('what an upgrade finds of targets that the fleet no longer has', () => {
  it('is a result for each lock that could not be read, on the forge', async () => {
    const forge = forgeThat((state) =>
      state.ok ? success({ ...state.value, base: withoutLocks(state.value.base) }) : state,
    );

    const planned = await planUpgrades(targets, templates, forge, forgeSpec, options);

    const unread = planned.filter(({ target }) => target.startsWith('old'));
    expect(unread.map(({ target, problems }) => [target, problems])).toEqual(
      orphans.map((file) => [/([^/]+)\.lock/.exec(file)?.[1], [{ ...lost, file, repository: 'acme/shop' }]]),
    );
    expect(text(planned)).toMatch(/old@lab +not known: it could not be read, see below\n/);
  });

  it('is a result for each lock that could not be read, in a checkout', async () => {
    const state = await stateOf(new FakeForge(files));
    if (!state.ok) throw new Error('no state');

    const planned = await planUpgradesIn(targets, templates, withoutLocks(state.value.base), options);

    expect(planned.map(({ target }) => target)).toEqual(['shop@lab', 'old@lab', 'older@lab']);
  });

  it('is not known of a repository that could be read no more, and its first target says so once', async () => {
    const forge = forgeThat((state, call) => (call === 0 ? state : failure(lost)));

    const planned = await planUpgrades(targets, templates, forge, forgeSpec, options);

    expect(planned).toHaveLength(1);
    expect(planned[0]?.problems.filter(({ rule }) => rule === 'forge-network')).toEqual([lost]);
    expect(text(planned)).not.toContain('up to date');
  });

  it('is said once of a repository that could never be read', async () => {
    const forge = forgeThat(() => failure(lost));

    const planned = await planUpgrades(targets, templates, forge, forgeSpec, options);

    expect(planned.map(({ problems }) => problems)).toEqual([[lost]]);
  });
});

const text = (planned: readonly PlannedTarget[]) => describeDue(planned, paint(false, false));
