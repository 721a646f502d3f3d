import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { loadable } from '../../src/fleet/loadable.ts';
import type { NamespaceEntry } from '../../src/fleet/schema.ts';
import { starterFleet } from '../../src/fleet/starter.ts';
import { runs } from '../sampling.ts';

const environments = ['lab', 'prod'];
const textOf = (namespaces: readonly NamespaceEntry[]) =>
  starterFleet({
    environments: environments.map((name) => ({ name, domain: `${name}.example.com`, clusters: [name] })),
    namespaces,
  });

function namespace(name: string, services: NamespaceEntry['services'], more = {}): NamespaceEntry {
  return { name, repository: 'acme/apps', path: `${name}/{environment}`, services, ...more };
}

const web = (name: string, ...hosts: string[]) => ({ name, ports: [80], hosts });

describe('namespaces that were found', () => {
  it('keep no host that leads to several services, and both are named', () => {
    const { entries, problems } = loadable(
      [
        namespace('shop', [
          web('front', 'shop.acme.example', 'front.acme.example'),
          web('images', 'shop.acme.example'),
        ]),
        namespace('pay', [web('pay', 'pay.acme.example')]),
      ],
      environments,
      textOf,
    );

    expect(entries.map(({ services }) => services?.map(({ hosts }) => hosts))).toEqual([
      [['front.acme.example'], undefined],
      [['pay.acme.example']],
    ]);
    expect(problems).toMatchObject([
      {
        rule: 'scan-host-split',
        severity: 'warning',
        message: expect.stringContaining('shop/front and shop/images') as string,
      },
    ]);
  });

  it('keep a host that belongs to one service in each environment', () => {
    const found = [
      namespace('shop', [web('front', 'shop.acme.example')], { environments: ['lab'] }),
      namespace('store', [web('front', 'shop.acme.example')], { environments: ['prod'] }),
    ];

    expect(loadable(found, environments, textOf)).toEqual({ entries: found, problems: [] });
  });

  it('are left out when they do not load, and the others stay', () => {
    const { entries, problems } = loadable(
      [namespace('shop', [web('front')]), namespace('pay', [{ name: 'pay', ports: [0] }])],
      environments,
      textOf,
    );

    expect(entries.map(({ name }) => name)).toEqual(['shop']);
    expect(problems).toMatchObject([{ rule: 'scan-namespace-left-out', severity: 'warning' }]);
    expect(problems[0]?.message).toMatch(/^Namespace "pay" is not in the file/);
  });

  it('always make a file that loads, and each of them is in it or named', () => {
    const host = fc.constantFrom(
      'a.acme.example',
      'b.acme.example',
      '{environment}.acme.example',
      'no host',
      '*',
    );
    const service = fc.record({
      name: fc.constantFrom('web', 'api', 'Not_a_name'),
      ports: fc.array(fc.constantFrom(80, 8080, 0, 70000), { minLength: 1, maxLength: 2 }),
      hosts: fc.array(host, { maxLength: 2 }),
    });
    const entry = fc.record(
      {
        name: fc.constantFrom('shop', 'pay', 'cart', 'prod', '-bad'),
        repository: fc.constantFrom('acme/apps', 'not a repository'),
        path: fc.constantFrom('apps', 'apps/{environment}', '../out', '/absolute'),
        services: fc.uniqueArray(service, { selector: ({ name }) => name, maxLength: 3 }),
        environments: fc.subarray(['lab', 'prod'], { minLength: 1 }),
      },
      { requiredKeys: ['name', 'repository', 'path', 'services'] },
    );
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 4 }), (found) => {
        const { entries, problems } = loadable(found, environments, textOf);

        const loaded = loadFleet(textOf(entries), 'fleet.yaml');
        expect(loaded.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        for (const { name } of found)
          expect(
            entries.some((each) => each.name === name) ||
              problems.some(({ message }) => message.includes(`"${name}"`)),
          ).toBe(true);
      }),
      { numRuns: runs(1000, 60) },
    );
  });
});
