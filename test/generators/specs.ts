import fc from 'fast-check';
import { renderTarget } from '../../src/bundle/plan-target.ts';
import type { NamespaceSpec, ServiceSpec } from '../../src/model/fleet.ts';
import { stringAt, type JsonValue } from '../../src/model/json.ts';
import type { NamespaceName, RepoPath } from '../../src/model/named.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { mesh, spec, target } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';

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
  hasCalls: fc.boolean(),
  complete: fc.constant({ callers: undefined, calls: undefined }),
  observed: fc.constant(undefined),
});

export const anySpec: fc.Arbitrary<NamespaceSpec> = fc
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

/** Every object of the whole bundle of a spec. */
export function resourcesOf(wanted: NamespaceSpec): readonly Written[] {
  const { bundles, problems } = renderTarget(target(wanted), templates);
  const [problem] = problems.filter(({ severity }) => severity !== 'info');
  if (problem !== undefined) throw new Error(JSON.stringify(problem));
  return bundles
    .flatMap(({ changes }) => changes)
    .flatMap(({ path, after = '' }) => {
      const stream = readYaml(after, path);
      if (!stream.ok) throw new Error(`${path}\n${after}\n${JSON.stringify(stream.problems)}`);
      return stream.value.documents.map(({ value }) => ({ path, value, kind: stringAt(value, 'kind') }));
    });
}
