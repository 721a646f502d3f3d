import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNamespace } from '../../src/fleet/edit.ts';
import { oneFile } from '../../src/fleet/texts.ts';
import { fleetJsonSchema } from '../../src/fleet/json-schema.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { nearest } from '../../src/fleet/nearest.ts';
import { selectTargets } from '../../src/fleet/select.ts';
import { starterFleet } from '../../src/fleet/starter.ts';
import type { Fleet, NamespaceSpec, Target } from '../../src/model/fleet.ts';

const root = new URL('../../', import.meta.url);
const whole = readFileSync(new URL('./whole.yaml', import.meta.url), 'utf8');

function specsOf(target: Target | undefined): readonly NamespaceSpec[] {
  return target?.kind === 'namespace' ? target.specs : [];
}

function fleetOf(text: string): Fleet {
  const loaded = loadFleet(text, 'fleet.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, undefined, 2));
  return loaded.value;
}

describe('a fleet file', () => {
  it('becomes targets in promotion order, with defaults, placeholders and callers filled in', () => {
    const { targets, mesh } = fleetOf(whole);

    expect(targets.map(({ id, stage }) => `${id} ${stage}`)).toEqual([
      'shop@lab joined',
      'shop@dev joined',
      'payments@lab outside',
      'payments@dev outside',
    ]);
    expect(mesh.gateway.podNamespace).toBe('istio-system');
    const spec = specsOf(targets[1])[0];
    expect(spec?.directory).toBe('deploy/dev');
    expect(spec?.siblingDirectories).toEqual(['deploy/lab']);
    expect(spec?.services[0]?.hosts).toEqual(['shop.dev.acme.example']);
    expect(spec?.services[1]?.callers).toEqual([
      { namespace: 'shop', serviceAccount: 'default', service: 'frontend', ports: [7070], stage: 'joined' },
    ]);
  });

  it('gives one directory a cluster when its path names the cluster', () => {
    const text = whole
      .replace('clusters: [lab-eu-1]', 'clusters: [lab-eu-1, lab-us-1]')
      .replace('    domain: dev.acme.example', '    domain: dev.acme.example\n    clusters: [dev-1]')
      .replace('deploy/{environment}', 'deploy/{cluster}');

    const target = fleetOf(text).targets[0];

    expect(specsOf(target).map(({ directory }) => directory)).toEqual(['deploy/lab-eu-1', 'deploy/lab-us-1']);
  });

  it('loads when environments are built from one directory, and each of them knows the others', () => {
    const text = whole.replace('path: payments/{environment}', 'path: payments');
    expect(text).not.toBe(whole);

    const specs = fleetOf(text).targets.flatMap(specsOf);

    expect(specs.map(({ target, sharedWith }) => `${target}: ${sharedWith.join(', ')}`)).toEqual([
      'shop@lab: ',
      'shop@dev: ',
      'payments@lab: payments@dev',
      'payments@dev: payments@lab',
    ]);
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: fc.constantFrom(...Array.from('abc:-[]{}#&*!|>\'"%@`, \n\t')) }),
        ),
        (text) => {
          expect(Array.isArray(loadFleet(text, 'f').problems)).toBe(true);
        },
      ),
    );
  });

  it('with one misspelt key has one unknown key, at that place', () => {
    const lines = whole.split('\n');
    const keys = lines.flatMap((line, index) => (/^ *(?:- )?[a-zA-Z]+:/.test(line) ? [index] : []));

    fc.assert(
      fc.property(fc.constantFrom(...keys), (index) => {
        const misspelt = lines
          .map((line, at) => (at === index ? line.replace(/([a-zA-Z]+):/, '$1Zzz:') : line))
          .join('\n');
        const unknown = loadFleet(misspelt, 'f').problems.filter(({ rule }) => rule === 'fleet-unknown-key');
        expect(unknown.map(({ line }) => line)).toEqual([index + 1]);
      }),
    );
  });

  it('of a thousand namespaces loads with every call linked', () => {
    const namespaces = Array.from(
      { length: 1000 },
      (_, index) => `  - name: n${String(index)}
    repository: acme/n${String(index)}
    path: deploy/{environment}
    services: [{name: s, ports: [80], calls: ["n${String((index + 1) % 1000)}/s:80"]}]
`,
    );
    const text = whole.slice(0, whole.indexOf('namespaces:')) + 'namespaces:\n' + namespaces.join('');

    const { targets } = fleetOf(text);

    expect(targets).toHaveLength(2000);
    expect(targets.every((target) => specsOf(target)[0]?.services[0]?.callers.length === 1)).toBe(true);
  });
});

describe('the JSON Schema', () => {
  it('is the file that editors load', async () => {
    const text = `${JSON.stringify(fleetJsonSchema(), undefined, 2)}\n`;

    await expect(text).toMatchFileSnapshot(new URL('fleet.schema.json', root).pathname);
  });

  it('has every key explained in docs/FLEET.md', () => {
    const documentation = readFileSync(new URL('docs/FLEET.md', root), 'utf8');
    const keys = new Set<string>();
    JSON.stringify(fleetJsonSchema(), (key, value: unknown) => {
      if (key === 'properties' && typeof value === 'object' && value !== null)
        for (const name of Object.keys(value)) keys.add(name);
      return value;
    });

    expect([...keys].filter((key) => !documentation.includes(`\`${key}\``))).toEqual([]);
  });
});

describe('a selection', () => {
  const fleet = fleetOf(whole);
  const select = (names: string[], more = {}) => {
    const selected = selectTargets(fleet, { names, all: false, ...more });
    return selected.ok ? selected.value.map(({ id }) => id) : selected.problems.map(({ fix }) => fix);
  };

  it.each([
    [['shop@lab'], ['shop@lab']],
    [['shop'], ['shop@lab', 'shop@dev']],
    [['*@dev'], ['shop@dev', 'payments@dev']],
    [['s*p@l*'], ['shop@lab']],
    [['shp@lab'], ['Did you mean shop@lab?']],
    [['paymnts'], ['Did you mean payments?']],
  ])('%j gives %j', (names, expected) => {
    expect(select(names)).toEqual(expected);
  });

  it('by environment and cluster narrows', () => {
    expect(select([], { environment: 'dev' })).toEqual(['shop@dev', 'payments@dev']);
    expect(select(['shop'], { cluster: 'lab-eu-1' })).toEqual(['shop@lab']);
    expect(select([], { environment: 'dve' })).toEqual(['Did you mean dev?']);
  });

  it('of nothing says how to select', () => {
    expect(select([]).join()).toContain('--all');
  });
});

describe('the starter file', () => {
  it('loads as it is', () => {
    expect(fleetOf(starterFleet()).targets).toEqual([]);
  });

  it('takes a namespace at its end, comments kept', () => {
    const added = addNamespace(oneFile(starterFleet(), 'fleet.yaml'), {
      name: 'shop',
      repository: 'acme/shop',
      path: 'deploy/{environment}',
      services: [{ name: 'web', ports: [8080], hosts: ['shop.{domain}'] }],
    });

    expect(added.ok && fleetOf(added.value.text).targets.map(({ id }) => id)).toEqual(['shop@lab']);
    expect(added.ok && added.value.text).toContain(
      'namespaces:\n  - name: shop\n    repository: acme/shop\n',
    );
    expect(added.ok && added.value.text).toContain('#  - name: shop');
  });
});

it('changes a namespace that the file has already and keeps what is not named', () => {
  const changed = addNamespace(oneFile(whole, 'fleet.yaml'), { name: 'shop', stage: 'outside' });

  expect(changed.ok && changed.value.text).toBe(whole.replace('stage: joined', 'stage: outside'));
});

it('finds the word that was probably meant', () => {
  expect(nearest('enviroments', ['version', 'environments'])).toBe('environments');
  expect(nearest('zzz', ['version', 'environments'])).toBeUndefined();
});
