import { beforeEach, describe, expect, it } from 'vitest';
import { readYaml } from '../../src/yaml/read.ts';
import { checkout, fleet, shop, World } from './world.ts';

const sidecar = 'checkout/deploy/lab/istio-sidecar.yaml';
/** The same fleet with a host outside that the shop may call. */
const withEgress = fleet.replace(
  '    services:',
  '    external: [{host: api.mail.example, ports: [443/https]}]\n    services:',
);
const rules = (problems: readonly { readonly rule: string }[]) => problems.map(({ rule }) => rule);
let world: World;

beforeEach(async () => {
  world = new World({ 'fleet.yaml': fleet, ...checkout() }, { 'acme/shop': shop });
  expect(await world.run('apply', ['shop@lab'], { dir: 'checkout' })).toMatchObject({ code: 0 });
});

const upgrade = (options = {}) => world.run('upgrade', ['shop@lab'], { dir: 'checkout', ...options });
const replace = (path: string, from: string | RegExp, to: string) => {
  const text = world.text(path) ?? '';
  expect(text).toMatch(from);
  world.disk.set(`/home/me/${path}`, text.replace(from, to));
};

describe('upgrade', () => {
  it('answers 0 where nothing is due, with and without --check', async () => {
    const before = new Map(world.disk);

    expect(await upgrade({ check: true })).toMatchObject({ code: 0, problems: [] });
    expect(await upgrade()).toMatchObject({ code: 0, problems: [] });
    expect(world.disk).toEqual(before);
  });

  it('--check answers 1 and writes nothing when the fleet changed; then it writes, once', async () => {
    replace('fleet.yaml', fleet, withEgress);
    replace(sidecar, '# DNS', '# DNS, ask #platform');
    const before = new Map(world.disk);

    const due = await upgrade({ check: true });
    expect(due).toMatchObject({ code: 1, problems: [] });
    expect(due.text).toContain('shop@lab');
    expect(world.disk).toEqual(before);

    expect(await upgrade()).toMatchObject({ code: 0, problems: [] });
    expect([...world.disk].some(([, text]) => text.includes('kind: ServiceEntry'))).toBe(true);
    expect(world.text(sidecar)).toContain('# DNS, ask #platform');
    expect(await upgrade({ check: true })).toMatchObject({ code: 0 });
  });

  it('answers 1 with the conflict, leaves what people wrote, and tells it in JSON', async () => {
    replace('fleet.yaml', 'lab: joined', 'lab: enforced');
    replace(sidecar, 'mode: ALLOW_ANY', 'mode: ALLOW_SOME');

    const result = await upgrade();

    expect(result.code).toBe(1);
    expect(rules(result.problems)).toContain('merge-conflict');
    expect(world.text(sidecar)).toContain('mode: ALLOW_SOME');
    expect(readYaml(world.text(sidecar) ?? '', sidecar).ok).toBe(true);
    expect(JSON.stringify(result.json)).toContain('"theirs":"REGISTRY_ONLY"');
  });

  it.each([
    { open: true, dir: 'checkout' },
    { open: true, check: true, dir: undefined },
  ])('answers 2 to flags that exclude each other: %o', async (options) => {
    expect(await upgrade(options)).toMatchObject({ code: 2, problems: [{ rule: 'usage' }] });
    expect(world.drafts).toEqual([]);
  });

  it('answers 1 to a lock that a newer version wrote, and writes nothing', async () => {
    replace('checkout/.meshwright/shop@lab.lock.yaml', 'meshwright.dev/v1', 'meshwright.dev/v7');
    replace('fleet.yaml', fleet, withEgress);
    const before = new Map(world.disk);

    const result = await upgrade();

    expect(rules(result.problems)).toEqual(['lock-newer']);
    expect(result.code).toBe(1);
    expect(world.disk).toEqual(before);
  });
});

describe('merge', () => {
  const files = {
    'base.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  a: "1"\n  b: "1"\n',
    'ours.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  a: "2" # ours\n  b: "1"\n',
    'theirs.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  a: "1"\n  b: "3"\n',
  };
  const names = Object.keys(files);

  it('prints what both wanted, and answers 0', async () => {
    const result = await new World(files).run('merge', names);

    expect(result).toMatchObject({ code: 0, problems: [] });
    expect(result.text).toBe(files['ours.yaml'].replace('b: "1"', 'b: "3"'));
  });

  it('writes our value and answers 1 where both changed one field', async () => {
    const here = new World({ ...files, 'theirs.yaml': files['theirs.yaml'].replace('a: "1"', 'a: "4"') });

    const result = await here.run('merge', names, { output: 'out.yaml', name: 'config.yaml' });

    expect(result.code).toBe(1);
    expect(result.problems).toMatchObject([{ rule: 'merge-conflict', file: 'config.yaml', line: 5 }]);
    expect(here.text('out.yaml')).toContain('a: "2" # ours\n  b: "3"');
  });

  it.each([
    ['too few files', ['base.yaml'], 'usage'],
    ['a file that is not there', ['base.yaml', 'ours.yaml', 'none.yaml'], 'files-read'],
  ])('answers 2 to %s', async (_, given, rule) => {
    expect(await new World(files).run('merge', given)).toMatchObject({ code: 2, problems: [{ rule }] });
  });

  it('answers 2 with file and line, and writes nothing, when a text is not YAML', async () => {
    const here = new World({ ...files, 'theirs.yaml': 'a: [\n' });

    const result = await here.run('merge', names, { output: 'out.yaml' });

    expect(result).toMatchObject({
      code: 2,
      problems: [{ rule: 'yaml-syntax', file: 'ours.yaml (theirs)', line: 2 }],
    });
    expect(here.text('out.yaml')).toBeUndefined();
  });
});
