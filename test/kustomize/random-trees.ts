import fc from 'fast-check';

/** A tree of kustomizations as files; `top` is what is built. */
export type Tree = Readonly<Record<string, string>>;

const names = ['web', 'api', 'a-web'];
const kinds = ['Service', 'Deployment', 'ConfigMap', 'ServiceAccount', 'Widget'];
const apiVersions: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Widget: 'example.com/v1',
};
const apiOf = (kind: string) => apiVersions[kind] ?? 'v1';

const object = fc
  .record({
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom(...names),
    namespace: fc.constantFrom(undefined, undefined, undefined, undefined, 'shop', 'other'),
  })
  .map(({ kind, name, namespace }) => ({
    apiVersion: apiOf(kind),
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), labels: { app: name } },
    ...specOf(kind, name),
  }));

function specOf(kind: string, name: string): object {
  if (kind === 'ConfigMap') return { data: { key: 'value' } };
  if (kind === 'ServiceAccount') return {};
  if (kind === 'Service') return { spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] } };
  if (kind === 'Widget') return { spec: { size: 1, parts: ['a', 'b'], web: name } };
  const containers = [{ name: 'c', image: 'x:1', envFrom: [{ configMapRef: { name: 'api' } }] }];
  return {
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { serviceAccountName: 'web', containers } },
    },
  };
}

const pointers = [
  '/metadata/labels/app',
  '/metadata/annotations/note',
  '/metadata/name',
  '/spec/size',
  '/spec/nothing',
  '/spec/nothing/below',
  '/spec/ports/0/port',
  '/spec/ports/0',
  '/spec/ports/1',
  '/spec/ports/2',
  '/spec/ports/-',
  '/spec/ports/-1',
  '/spec/parts/0',
  '/spec/template/spec/containers/0/image',
  '/spec/template/spec/containers/x',
  '/data/key',
  'spec',
  '',
];
const value = fc.constantFrom<unknown>('text', 1, ['a'], { a: 'b' }, null);
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'add', 'replace', 'remove', 'test', 'move', 'copy', 'mend'),
    path: fc.constantFrom(...pointers),
    from: fc.constantFrom(...pointers),
    value,
  },
  { requiredKeys: ['op', 'path'] },
);
const target = fc.record(
  {
    kind: fc.constantFrom(...kinds, 'Service|Widget', '(Service'),
    name: fc.constantFrom(...names, '.*', '*'),
    namespace: fc.constantFrom('shop', 'default'),
    labelSelector: fc.constantFrom('app=web', 'app in web', '!app'),
  },
  { requiredKeys: [] },
);
const merge = fc
  .record({
    object,
    field: fc.constantFrom('spec', 'data', 'metadata'),
    key: fc.constantFrom('size', 'ports', 'parts', 'template', 'labels', 'key', '$patch'),
    value,
    lacks: fc.constantFrom(undefined, undefined, undefined, undefined, 'kind', 'apiVersion', 'metadata'),
  })
  .map(({ object: { apiVersion, kind, metadata }, field, key, value: written, lacks }) => {
    const { labels: _, ...id } = metadata;
    const whole: Record<string, unknown> = { apiVersion, kind, metadata: id };
    if (key === '$patch') whole.$patch = 'delete';
    else if (field === 'metadata') whole.metadata = { ...id, [key]: written };
    else whole[field] = { [key]: written };
    if (lacks !== undefined) Reflect.deleteProperty(whole, lacks);
    return whole;
  });

const patch = fc.oneof(
  { weight: 4, arbitrary: merge.map((each) => ({ patch: JSON.stringify(each) })) },
  { weight: 2, arbitrary: fc.record({ patch: merge.map((each) => JSON.stringify(each)), target }) },
  {
    weight: 4,
    arbitrary: fc.record({
      patch: fc.array(operation, { minLength: 1, maxLength: 2 }).map((each) => JSON.stringify(each)),
      target,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<object>(
      { path: 'absent.yaml' },
      { patch: '' },
      { patch: '[{"op": "add", "path": "/spec/size", "value": 2}]' },
      { patch: '{}', path: 'absent.yaml' },
      { path: 'two.yaml' },
      { path: 'two.yaml', target: { kind: 'Service' } },
      { path: 'empty.yaml', target: { kind: 'Service' } },
    ),
  },
);
const generated = fc.record(
  {
    name: fc.constantFrom(...names, 'made'),
    behavior: fc.constantFrom('create', 'merge', 'replace'),
    namespace: fc.constantFrom('shop'),
    literals: fc.constantFrom(['a=b'], ['a=b', 'a=c'], ['ab'], ['=b'], ['a=']),
    files: fc.constantFrom(['note.txt'], ['a=note.txt'], ['absent.txt'], ['a=b=note.txt'], ['=note.txt']),
    envs: fc.constantFrom(['note.env'], ['absent.env']),
  },
  { requiredKeys: ['literals'] },
);
const replacement = fc.record({
  source: fc.record(
    {
      kind: fc.constantFrom(...kinds),
      name: fc.constantFrom(...names),
      fieldPath: fc.constantFrom('metadata.name', 'spec.size', 'spec.nothing', 'data.key'),
    },
    { requiredKeys: ['kind'] },
  ),
  targets: fc.array(
    fc.record(
      {
        select: target,
        fieldPaths: fc.constantFrom(['spec.size'], ['metadata.labels.app'], ['spec.nothing.below']),
        options: fc.constant({ create: true }),
      },
      { requiredKeys: ['fieldPaths'] },
    ),
    { maxLength: 2 },
  ),
});
/** Fields of a kustomization, most of them well and sometimes not. */
const fields = fc.record(
  {
    namespace: fc.constantFrom<unknown>('shop', 'other', 'shop', 'other', '', 5),
    namePrefix: fc.constantFrom<unknown>('a-', 'b-', 'b-', 'b-', true),
    nameSuffix: fc.constantFrom('-x'),
    commonLabels: fc.constantFrom<unknown>({ team: 'web' }, { team: 1 }, 'team'),
    patches: fc.array(patch, { maxLength: 1 }),
    patchesStrategicMerge: fc.constantFrom(['two.yaml'], ['empty.yaml'], ['absent.yaml']),
    configMapGenerator: fc.array(generated, { maxLength: 2 }),
    replicas: fc.constantFrom<unknown>([{ name: 'web', count: 2 }], [{ name: 'web', count: '2' }]),
    replacements: fc.array(replacement, { maxLength: 1 }),
    crds: fc.constant(['absent.yaml']),
    components: fc.constantFrom(['../part'], ['../base'], ['../absent']),
    unheardOf: fc.constant(1),
    kind: fc.constantFrom('Kustomization', 'Kustomization', 'Component', 'Thing'),
    sortOptions: fc.constantFrom({ order: 'fifo' }, { order: 'any' }),
  },
  { requiredKeys: [] },
);
/** The fields of one kustomization: few of them, so that many trees build. */
const someFields = fc.tuple(fields, fc.array(fc.nat(30), { maxLength: 2 })).map(([all, picks]) => {
  const entries = Object.entries(all);
  return Object.fromEntries(picks.flatMap((pick) => entries.slice(pick, pick + 1)));
});

const two = `${JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'NodePort' } })}\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'api' }, data: { a: 'b' } })}\n`;

function level(folder: string, resources: readonly unknown[], more: object): Tree {
  return {
    [`${folder}/kustomization.yaml`]: JSON.stringify({ ...(resources.length > 0 && { resources }), ...more }),
    [`${folder}/two.yaml`]: two,
    [`${folder}/empty.yaml`]: '# nothing\n',
    [`${folder}/note.txt`]: 'text\n',
    [`${folder}/note.env`]: 'A=b\n',
  };
}

/** Trees of a base, a second one, a component and an overlay, of which about half don't build. */
export const randomTree: fc.Arbitrary<Tree> = fc
  .record({
    base: fc.uniqueArray(object, { minLength: 1, maxLength: 4, selector: JSON.stringify }),
    own: fc.array(object, { maxLength: 1 }),
    second: fc.option(fc.array(object, { minLength: 1, maxLength: 2 })),
    broken: fc.constantFrom<unknown>(
      ...Array.from({ length: 60 }, () => undefined),
      '../absent',
      'absent.yaml',
      '../part',
      { a: 'b' },
      7,
    ),
    inBase: someFields,
    inSecond: someFields,
    inPart: someFields,
    inTop: someFields,
  })
  .map(({ base, own, second, broken, inBase, inSecond, inPart, inTop }) => {
    const stream = (objects: readonly object[]) =>
      objects.map((each) => JSON.stringify(each)).join('\n---\n');
    const { components: _b, ...ofBase } = inBase;
    const { components: _p, kind: _k, ...ofPart } = inPart;
    const { components: _s, ...ofSecond } = inSecond;
    return {
      ...level('base', ['all.yaml'], ofBase),
      'base/all.yaml': stream(base),
      ...(second !== null && level('second', ['all.yaml'], ofSecond)),
      ...(second !== null && { 'second/all.yaml': stream(second) }),
      ...level('part', [], {
        ...ofPart,
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
      }),
      ...level(
        'top',
        [
          '../base',
          ...(second !== null ? ['../second'] : []),
          ...(own.length > 0 ? ['own.yaml'] : []),
          ...(broken === undefined ? [] : [broken]),
        ],
        inTop,
      ),
      ...(own.length > 0 && { 'top/own.yaml': stream(own) }),
    };
  });
