import { describe, expect, it } from 'vitest';
import { labAt } from './mesh-world.ts';

const scriptOf = (result: { readonly json: object | undefined }) =>
  (result.json as { emergency: string }).emergency;
const isPatchOf = (line: string, name: string) =>
  line.startsWith('kubectl patch ') && line.includes(` -- ${name}`);

describe('rollback', () => {
  it('level 1 of a namespace gives back what it was at joined, byte for byte, and the fleet says so', async () => {
    const joined = (await labAt('joined')).manifests();
    const world = await labAt('enforced');
    const enforced = world.manifests();

    const result = await world.run('rollback', ['payments@lab'], { level: '1' });
    world.merge();
    const payments = (files: Readonly<Record<string, string>>) =>
      Object.entries(files).filter(([path]) => path.startsWith('acme/payments/'));

    expect(result.code).toBe(0);
    expect(payments(world.manifests())).toEqual(payments(joined));
    expect(world.fleet).toMatch(/stage:\n? *\{? *lab: joined/);

    world.fleet = world.fleet.replace(/(stage:\s*\{?\s*)lab: joined/, '$1lab: enforced');
    await world.openAndMerge('payments@lab');
    expect(world.manifests()).toEqual(enforced);
  });

  it('level 1 of a strict cluster: PERMISSIVE and everything on it to joined, byte for byte', async () => {
    const joined = (await labAt('joined')).manifests();
    const world = await labAt('enforced');
    await world.run('strict', ['lab-eu-1']);
    world.merge();

    const result = await world.run('rollback', ['cluster/lab-eu-1'], { level: '1' });
    const targets = world.opened.map(({ target }) => target);
    world.merge();
    const again = await world.run('rollback', ['cluster/lab-eu-1'], { level: '1' });

    expect(result.code).toBe(0);
    expect(targets).toEqual(['cluster/lab-eu-1', 'bookinfo@lab', 'online-boutique@lab', 'payments@lab']);
    expect(world.manifests()).toEqual(joined);
    expect(world.fleet).toContain('mode: permissive');
    expect(again.code).toBe(0);
    expect(world.opened).toEqual([]);
    expect(scriptOf(again)).toBe('');
  });

  it('level 1 on a strict cluster gives the namespace an exception, which goes when it is enforced again', async () => {
    const world = await labAt('enforced');
    await world.run('strict', ['lab-eu-1']);
    world.merge();
    const strict = world.manifests();

    await world.run('rollback', ['payments@lab'], { level: '1' });
    world.merge();

    expect(world.manifests()['acme/payments/deploy/istio-peerauthentication.yaml']).toContain(
      'mode: PERMISSIVE',
    );
    world.fleet = world.fleet.replace(/(stage:\s*\{?\s*)lab: joined/, '$1lab: enforced');
    await world.openAndMerge('payments@lab');
    expect(world.manifests()).toEqual(strict);
  });

  it('level 2: explicit mTLS out, label out, pods rolled; joining again gives the same files', async () => {
    const world = await labAt('enforced');
    const enforced = world.manifests();

    const result = await world.run('rollback', ['bookinfo@lab'], { level: '2' });
    world.merge();
    const after = world.manifests();
    const overlay = 'acme/bookinfo/deploy/overlays/lab';

    expect(result.code).toBe(0);
    expect(after[`${overlay}/namespace.yaml`]).not.toContain('istio');
    expect(after[`${overlay}/istio-restart-patch.yaml`]).toContain('meshwright.dev/mesh-revision: none');
    expect(after[`${overlay}/istio-destinationrule.yaml`]).not.toContain('ISTIO_MUTUAL');
    const script = scriptOf(result);
    const at = (text: string) => script.indexOf(text);
    const patchOf = (name: string) => at(script.split('\n').find((line) => isPatchOf(line, name)) ?? name);
    expect(at('flux suspend')).toBeGreaterThan(0);
    expect(at('flux suspend')).toBeLessThan(patchOf('destinationrule.'));
    expect(patchOf('destinationrule.')).toBeLessThan(patchOf('namespace bookinfo'));
    expect(patchOf('namespace bookinfo')).toBeLessThan(patchOf('deployment.apps'));
    expect(script).toContain(`--patch '{"metadata":{"labels":{"istio.io/rev":null}}}'`);

    world.fleet = world.fleet.replace(/(stage:\s*\{?\s*)lab: outside/, '$1lab: enforced');
    const tooSoon = await world.run('open', ['cluster/lab-eu-1', 'bookinfo@lab']);
    expect(tooSoon.code).toBe(1);
    expect(tooSoon.problems.map(({ rule }) => rule)).toContain('call-breaks');

    world.fleet = world.fleet.replace(/(stage:\s*\{?\s*)lab: enforced/, '$1lab: joined');
    await world.openAndMerge('cluster/lab-eu-1', 'bookinfo@lab');
    world.fleet = world.fleet.replace(/(stage:\s*\{?\s*)lab: joined/, '$1lab: enforced');
    await world.openAndMerge('bookinfo@lab');
    expect(world.manifests()).toEqual(enforced);
  });

  it('leaves alone what was never rolled out, and opens nothing for a dry run', async () => {
    const world = await labAt('enforced');
    const before = world.fleet;

    const never = await world.run('rollback', ['online-boutique@dev'], { level: '2' });
    const dry = await world.run('rollback', ['payments@lab'], { level: '1', dryRun: true });

    expect(never.code).toBe(0);
    expect(world.opened).toEqual([]);
    expect(dry.text).toMatch(
      /^kubectl patch .* --namespace payments -- sidecar\.networking\.istio\.io default$/m,
    );
    expect(world.fleet).toBe(before);
  });

  it('refuses to take out a namespace that calls an enforced one: its calls would have no identity', async () => {
    const world = await labAt('enforced');

    const result = await world.run('rollback', ['online-boutique@lab'], { level: '2' });

    expect(result.code).toBe(2);
    expect(result.problems).toMatchObject([{ rule: 'fleet-caller-outside-mesh' }]);
    expect(world.opened).toEqual([]);
  });

  it.each([
    [['payments@lab'], {}, 'No level was given.'],
    [
      ['cluster/lab-eu-1'],
      { level: '2' },
      'A cluster has no level 2: its namespaces leave the mesh one by one.',
    ],
  ])('needs to know how far: %s %s', async (targets, options, message) => {
    const world = await labAt('joined');

    const result = await world.run('rollback', targets, options);

    expect([result.code, result.problems[0]?.message]).toEqual([2, message]);
  });
});
