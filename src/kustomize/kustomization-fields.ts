import { isList, isObject, stringAt, type JsonValue, type YamlPath } from '../model/json.ts';

/** What a field holds, as kustomize's own types say. */
type Shape =
  | 'text'
  | 'yes-or-no'
  | 'number'
  | 'anything'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const texts: Shape = { list: 'text' };
const textByKey: Shape = { map: 'text' };
const gvk = { group: 'text', version: 'text', kind: 'text' } as const;
const id = { ...gvk, name: 'text', namespace: 'text' } as const;
const selector: Shape = { fields: { ...id, annotationSelector: 'text', labelSelector: 'text' } };
const fieldOptions: Shape = {
  fields: { delimiter: 'text', index: 'number', encoding: 'text', create: 'yes-or-no' },
};
const generatorOptions: Shape = {
  fields: {
    labels: textByKey,
    annotations: textByKey,
    disableNameSuffixHash: 'yes-or-no',
    immutable: 'yes-or-no',
  },
};
const generator = {
  namespace: 'text',
  name: 'text',
  behavior: 'text',
  literals: texts,
  files: texts,
  envs: texts,
  env: 'text',
  options: generatorOptions,
} as const;
const patches: Shape = {
  list: {
    fields: {
      path: 'text',
      patch: 'text',
      target: selector,
      options: { fields: { allowNameChange: 'yes-or-no', allowKindChange: 'yes-or-no' } },
    },
  },
};
const images: Shape = {
  list: { fields: { name: 'text', newName: 'text', tagSuffix: 'text', newTag: 'text', digest: 'text' } },
};

/** The fields of a kustomization file.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/kustomization.go */
const kustomization: Readonly<Record<string, Shape>> = {
  apiVersion: 'text',
  kind: 'text',
  metadata: { fields: { name: 'text', namespace: 'text', labels: textByKey, annotations: textByKey } },
  openapi: textByKey,
  namePrefix: 'text',
  nameSuffix: 'text',
  namespace: 'text',
  commonLabels: textByKey,
  labels: {
    list: {
      fields: {
        pairs: textByKey,
        includeSelectors: 'yes-or-no',
        includeTemplates: 'yes-or-no',
        fields: { list: { fields: { ...gvk, path: 'text', create: 'yes-or-no' } } },
      },
    },
  },
  commonAnnotations: textByKey,
  patchesStrategicMerge: texts,
  patchesJson6902: patches,
  patches,
  images,
  imageTags: images,
  replacements: {
    list: {
      fields: {
        path: 'text',
        source: { fields: { ...id, fieldPath: 'text', options: fieldOptions } },
        sourceValue: 'text',
        targets: {
          list: {
            fields: {
              select: selector,
              reject: { list: selector },
              fieldPaths: texts,
              options: fieldOptions,
            },
          },
        },
      },
    },
  },
  replicas: { list: { fields: { name: 'text', count: 'number' } } },
  vars: {
    list: {
      fields: {
        name: 'text',
        objref: { fields: { ...id, apiVersion: 'text' } },
        fieldref: { fields: { fieldPath: 'text' } },
      },
    },
  },
  sortOptions: {
    fields: { order: 'text', legacySortOptions: { fields: { orderFirst: texts, orderLast: texts } } },
  },
  resources: texts,
  components: texts,
  crds: texts,
  bases: texts,
  configMapGenerator: { list: { fields: generator } },
  secretGenerator: { list: { fields: { ...generator, type: 'text' } } },
  helmGlobals: 'anything',
  helmCharts: { list: 'anything' },
  helmChartInflationGenerator: { list: 'anything' },
  generatorOptions,
  configurations: texts,
  generators: texts,
  transformers: texts,
  validators: texts,
  buildMetadata: texts,
};

/** Something in a kustomization file that kustomize can't take into its own types. */
export interface Misfit {
  readonly path: YamlPath;
  /** In kustomize's words. */
  readonly reason: string;
  /** Whether Flux takes it all the same: it reads the file of the directory that it builds first, drops the fields that it
   *  doesn't know and takes numbers for texts. */
  readonly isTolerated: boolean;
}

/** What of a kustomization file kustomize can't decode.
 *  @param isRoot  whether it is the file of the directory that Flux builds
 *  @see https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go GenerateManifest */
export function misfitsOf(value: JsonValue, isRoot: boolean): readonly Misfit[] {
  const found = [...misfits(value, { fields: kustomization }, [], isRoot), ...misnamed(value)];
  const order = stringAt(value, 'sortOptions', 'order') ?? '';
  if (isEmpty(value)) found.push({ path: [], reason: 'kustomization.yaml is empty', isTolerated: isRoot });
  if (isRoot && !['', 'fifo', 'legacy'].includes(order))
    found.push({
      path: ['sortOptions', 'order'],
      reason: "the field 'sortOptions.order' must be one of [fifo, legacy]",
      isTolerated: false,
    });
  return found;
}

function isEmpty(value: JsonValue): boolean {
  if (!isObject(value)) return value === null;
  return Object.entries(value).every(
    ([key, member]) => ['apiVersion', 'kind'].includes(key) || member === null || member === '',
  );
}

/** @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/kustomization.go EnforceFields */
function* misnamed(value: JsonValue): Iterable<Misfit> {
  const kind = stringAt(value, 'kind') ?? '';
  if (!['', 'Kustomization', 'Component'].includes(kind))
    yield { path: ['kind'], reason: 'kind should be Kustomization or Component', isTolerated: false };
  const version = `kustomize.config.k8s.io/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`;
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  if (apiVersion !== '' && apiVersion !== version)
    yield {
      path: ['apiVersion'],
      reason: `apiVersion for ${kind === '' ? 'Kustomization' : kind} should be ${version}`,
      isTolerated: false,
    };
}

function* misfits(value: JsonValue, shape: Shape, path: YamlPath, isRoot: boolean): Iterable<Misfit> {
  if (value === null || shape === 'anything') return;
  const wrong = (wanted: string): Misfit => ({
    path,
    reason: `cannot unmarshal ${kindOf(value)} into field ${path.join('.') || 'Kustomization'} of type ${wanted}`,
    isTolerated: false,
  });
  if (typeof shape === 'string') {
    if (!isScalar(value, shape))
      yield {
        ...wrong(goTypes[shape]),
        isTolerated: isRoot && shape === 'text' && !isList(value) && !isObject(value),
      };
  } else if ('list' in shape) {
    if (!isList(value)) yield wrong('list');
    else
      for (const [index, item] of value.entries()) yield* misfits(item, shape.list, [...path, index], isRoot);
  } else if (!isObject(value)) yield wrong('object');
  else
    for (const [key, member] of Object.entries(value)) {
      const inner = 'map' in shape ? shape.map : fieldOf(shape.fields, key);
      if (inner !== undefined) yield* misfits(member, inner, [...path, key], isRoot);
      else yield { path: [...path, key], reason: `unknown field "${key}"`, isTolerated: isRoot };
    }
}

const goTypes = { text: 'string', 'yes-or-no': 'bool', number: 'int', anything: 'any' } as const;

function isScalar(value: JsonValue, shape: 'text' | 'yes-or-no' | 'number'): boolean {
  if (shape === 'number') return typeof value === 'number' && Number.isInteger(value);
  return typeof value === (shape === 'text' ? 'string' : 'boolean');
}

/** Go's decoder takes a field in any case. */
function fieldOf(fields: Readonly<Record<string, Shape>>, key: string): Shape | undefined {
  if (Object.hasOwn(fields, key)) return fields[key];
  const lower = key.toLowerCase();
  return Object.entries(fields).find(([name]) => name.toLowerCase() === lower)?.[1];
}

function kindOf(value: JsonValue): string {
  if (isList(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
