import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceGenerators } from '../../generators/namespace/index.ts';
import { renderTarget } from '../../src/bundle/plan-target.ts';
import type { NamespaceSpec, ServiceSpec } from '../../src/model/fleet.ts';
import { stringAt, stringsAt, type JsonValue } from '../../src/model/json.ts';
import type { NamespaceName, RepoPath } from '../../src/model/named.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { mesh, spec, target } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';
import { istioMinors, validateResource } from '../schemas/validate.ts';

/** Strings that try to leave their scalar, look like other types, or are no ordinary text. */
const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      'yes',
      'null',
      '0815',
      '1e3',
      '0x1F',
      '1:30',
      '~',
      '- a',
      'a: b',
      'a #b',
      '#',
      '"',
      "'",
      '\\',
      '{{yaml x}}',
    ],
    ...[
      '${HOST}',
      '*',
      '&a',
      '!!str x',
      '@x',
      '`x`',
      '%x',
      '|',
      '>',
      'a\nspec: {}',
      'a\r\nb',
      '\u2028',
      '\u0085',
    ],
    ...[
      '\ufeff',
      '\u0000',
      '\t',
      ' a ',
      '---',
      '...',
      '<script>',
      "it's",
      '__proto__',
      'constructor',
      '𝕏é漢',
      'x'.repeat(500),
    ],
  ),
  fc.string({ minLength: 1, unit: 'binary' }),
);
const named = hostile as fc.Arbitrary<NamespaceName>;
const port = fc.integer({ min: 1, max: 65535 });
const labelValue = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/);

const service: fc.Arbitrary<ServiceSpec> = fc.record({
  name: hostile,
  serviceAccount: hostile,
  selector: fc.option(fc.dictionary(labelValue, labelValue, { minKeys: 1, maxKeys: 3 }), { nil: undefined }),
  ports: fc.array(
    fc.record({
      number: port,
      protocol: fc.constantFrom('http' as const, 'grpc' as const, 'tcp' as const),
      targetPort: fc.option(port, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  hosts: fc.array(hostile, { maxLength: 3 }),
  gatewayPort: fc.option(port, { nil: undefined }),
  stickySession: fc.option(
    fc.record({ cookie: hostile, path: hostile, ttl: fc.constantFrom('0s', '3600s') }),
    { nil: undefined },
  ),
  callers: fc.array(
    fc.record({
      namespace: named,
      serviceAccount: fc.option(hostile, { nil: undefined }),
      service: fc.constant(undefined),
      ports: fc.array(port, { maxLength: 2 }),
      stage: fc.constant(undefined),
    }),
    { maxLength: 3 },
  ),
});

const anySpec: fc.Arbitrary<NamespaceSpec> = fc
  .record({
    namespace: named,
    stage: fc.constantFrom('joined' as const, 'enforced' as const),
    services: fc.array(service, { maxLength: 3 }),
    callees: fc.array(fc.record({ namespace: named, service: hostile }), { maxLength: 3 }),
    external: fc.array(
      fc.record({
        host: hostile.filter((host) => host !== '*'),
        ports: fc.constant([{ number: 443, protocol: 'https' } as const]),
        addresses: fc.constantFrom<string[]>([], ['10.0.0.1'], ['10.0.0.0/8']),
      }),
      { maxLength: 2 },
    ),
    kubernetesApi: fc.boolean(),
    healthCheckPaths: fc.array(hostile, { maxLength: 3 }),
    revision: hostile,
  })
  .map(({ revision, ...rest }) =>
    spec({
      ...rest,
      mesh: { ...mesh, revision },
      directory: 'd' as RepoPath,
      namespaceManifest: { kind: 'create' },
    }),
  );

interface Written {
  readonly path: string;
  readonly kind: string | undefined;
  readonly value: JsonValue;
}

function resourcesOf(wanted: NamespaceSpec): readonly Written[] {
  const { bundles, problems } = renderTarget(target(wanted), templates);
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
  return bundles
    .flatMap(({ changes }) => changes)
    .flatMap(({ path, after }) => {
      const stream = readYaml(after, path);
      if (!stream.ok) throw new Error(`${path}\n${after}\n${JSON.stringify(stream.problems)}`);
      return stream.value.documents.map(({ value }) => ({ path, value, kind: stringAt(value, 'kind') }));
    });
}

const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\uFFFD');

describe('what the generators write', () => {
  it('is accepted by the CRDs of both newest Istio minors, whatever the strings are', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const written = resourcesOf(wanted).filter(({ value }) =>
          stringAt(value, 'apiVersion')?.includes('istio.io'),
        );
        expect(written.length).toBeGreaterThan(0);
        for (const { value } of written)
          for (const minor of istioMinors) expect(validateResource(value, minor)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('holds every string exactly, and no object that a string smuggled in', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const written = resourcesOf(wanted);
        const of = (kind: string) => written.filter((each) => each.kind === kind);
        const routed = wanted.services.filter(({ hosts }) => hosts.length > 0);
        expect(of('DestinationRule')).toHaveLength(wanted.services.length);
        expect(of('Namespace')).toHaveLength(1);
        expect(of('VirtualService').map(({ value }) => stringsAt(value, 'spec', 'hosts'))).toEqual(
          routed.map(({ hosts }) => hosts.map(wellFormed)),
        );
        for (const { value } of [...of('Sidecar'), ...of('AuthorizationPolicy'), ...of('DestinationRule')])
          expect(stringAt(value, 'metadata', 'namespace')).toBe(wellFormed(wanted.namespace));
      }),
      { numRuns: 300 },
    );
  });

  it('has the same objects at both stages', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const names = (stage: 'joined' | 'enforced') =>
          resourcesOf({ ...wanted, stage }).map(({ path, kind, value }) => [
            path,
            kind,
            stringAt(value, 'metadata', 'name'),
          ]);
        expect(names('joined')).toEqual(names('enforced'));
      }),
      { numRuns: 50 },
    );
  });
});

it('says for each generator what it is for, at both stages', () => {
  for (const generator of namespaceGenerators)
    for (const stage of ['joined', 'enforced'] as const)
      expect(generator.why(stage)).toMatch(/^[A-Za-z].{20,}[^.]$/);
});
