import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { app } from '../bundle/app.ts';
import { LocalWorld, alice } from './local-world.ts';

let world: LocalWorld;
afterEach(() => {
  world.remove();
});

/** Gives a branch, and its pull request, the name that an earlier version gave it. */
async function renameToFormer(name: string, former: string): Promise<void> {
  world.at('branch', '-m', name, former);
  for (const { url, branch } of await world.pulls())
    if (branch === name)
      writeFileSync(url, readFileSync(url, 'utf8').replace(`branch: ${name}`, `branch: ${former}`));
}

describe('a branch under the name of an earlier version', () => {
  beforeEach(() => {
    world = new LocalWorld();
  });

  it('is found and brought up to date, without a second pull request', async () => {
    await world.open();
    await renameToFormer('meshwright/shop@lab.joined', 'meshwright/shop-lab-joined');

    const same = await world.open();
    world.revision = 'canary';
    const changed = await world.open();

    expect(same).toMatchObject({ outcome: 'unchanged', problems: [] });
    expect(changed).toMatchObject({ outcome: 'updated', problems: [] });
    expect(await world.pulls()).toHaveLength(1);
    expect(world.at('branch', '--format=%(refname:short)').split('\n').sort()).toEqual([
      'main',
      'meshwright/shop-lab-joined',
    ]);
  });

  it('is not used again once it was merged: the next pull request has the name of today', async () => {
    await world.open();
    await renameToFormer('meshwright/shop@lab.joined', 'meshwright/shop-lab-joined');
    world.checkout('meshwright/shop-lab-joined');
    world.push('main');
    world.revision = 'canary';

    expect((await world.open()).outcome).toBe('opened');
    expect((await world.pulls()).map(({ branch }) => branch)).toEqual([
      'meshwright/shop@lab.joined',
      'meshwright/shop-lab-joined',
    ]);
  });
});

describe('two targets that an earlier version gave one name', () => {
  const second = Object.fromEntries(
    Object.entries(app()).map(([path, text]) => [
      path.replace('overlays/lab', 'overlays/second'),
      text.replace(/\bshop\b/g, 'shop-eu'),
    ]),
  );
  beforeEach(() => {
    world = new LocalWorld({ ...app(), ...second });
    world.environment = 'eu-lab';
    world.more = {
      environments: ['lab'],
      namespaces: `  - name: shop-eu
    repository: acme/shop
    path: deploy/overlays/second
    environments: [lab]
    stage: joined
    services: [{name: catalog, serviceAccount: catalog, ports: [8080]}]
`,
    };
  });

  it('have a branch and a pull request each, and nothing to do the second time', async () => {
    const first = await world.openAll();
    const again = await world.openAll();

    expect(first.map(({ target, outcome }) => [target, outcome])).toEqual([
      ['shop@eu-lab', 'opened'],
      ['shop-eu@lab', 'opened'],
    ]);
    expect(again.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect((await world.pulls()).map(({ branch }) => branch).sort()).toEqual([
      'meshwright/shop-eu@lab.joined',
      'meshwright/shop@eu-lab.joined',
    ]);
  });

  it('leave the branch of that name to the one whose lock it changes', async () => {
    await world.openAll();
    await renameToFormer('meshwright/shop-eu@lab.joined', 'meshwright/shop-eu-lab-joined');
    world.at('update-ref', '-d', 'refs/heads/meshwright/shop@eu-lab.joined');
    for (const { url, branch } of await world.pulls()) if (branch.includes('@')) rmSync(url);
    const before = world.at('rev-parse', 'meshwright/shop-eu-lab-joined');

    const [shop, shopEu] = await world.openAll();

    expect(shop).toMatchObject({ target: 'shop@eu-lab', outcome: 'opened', problems: [] });
    expect(shopEu).toMatchObject({ target: 'shop-eu@lab', outcome: 'unchanged', problems: [] });
    expect(world.at('rev-parse', 'meshwright/shop-eu-lab-joined')).toBe(before);
  });

  it('touch no branch of that name that neither of them made', async () => {
    world.checkout('main');
    world.write('README.md', 'hello\n');
    world.commit('hello', alice);
    world.push('meshwright/shop-eu-lab-joined');
    const before = world.at('rev-parse', 'meshwright/shop-eu-lab-joined');

    const results = await world.openAll();

    expect(results.map(({ outcome }) => outcome)).toEqual(['opened', 'opened']);
    for (const { problems } of results)
      expect(problems.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
        'warning branch-of-others',
      ]);
    expect(world.at('rev-parse', 'meshwright/shop-eu-lab-joined')).toBe(before);
  });
});

describe('runs at the same time', () => {
  beforeEach(() => {
    world = new LocalWorld();
  });

  it.each([2, 3, 6])('%i of them make one branch and one pull request, and none fails', async (count) => {
    const results = await Promise.all(
      Array.from({ length: count }, (_, index) => world.open(`cache-${String(index)}`)),
    );

    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
    expect(outcomes.filter((outcome) => !/opened|updated|unchanged/.test(outcome))).toEqual([]);
    expect(await world.pulls()).toHaveLength(1);
    expect(world.at('rev-list', '--count', 'main..meshwright/shop@lab.joined')).toBe('1');
  });
});
