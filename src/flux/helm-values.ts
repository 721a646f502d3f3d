import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { helmValues } from '../yaml/go-values.ts';
import { setValue, type Value, type Values } from './set-syntax.ts';

/** What a HelmRelease gives to its chart. */
export interface ChartValues {
  /** As merged, as far as they are known. A text that is not known holds `${`, like one whose variables are not. */
  readonly values: JsonObject;
  /** What may say more or something else, and is not in Git or not readable there. */
  readonly unknown: readonly UnknownValues[];
  /** Why helm-controller refuses them, and where that is written in the HelmRelease. */
  readonly refused: readonly { readonly path: YamlPath; readonly why: string }[];
}

interface UnknownValues {
  readonly path: YamlPath;
  /** `Secret shop/web, key values.yaml`. */
  readonly from: string;
  /** The one value that it sets; undefined: any. */
  readonly targetPath: string | undefined;
}

/** Merges values as helm-controller does: those of `valuesFrom` in their order, lists replaced and maps merged, then the
 *  HelmRelease's own. One with a `targetPath` writes into the maps that are there by then, and so into the HelmRelease's own
 *  where nothing before it made a copy of them: only there it wins over them.
 *  @param manifests  all objects of the cluster, as built
 *  @see https://github.com/fluxcd/pkg/blob/main/chartutil/values.go ChartValuesFromReferences */
export function chartValues(release: Manifest, manifests: readonly Manifest[]): ChartValues {
  const own = asValues(objectAt(release.built, 'spec', 'values'));
  const unknown: UnknownValues[] = [];
  const refused: { readonly path: YamlPath; readonly why: string }[] = [];
  let result: Values = new Map();
  for (const [index, reference] of listAt(release.built, 'spec', 'valuesFrom').entries()) {
    const path = ['spec', 'valuesFrom', index];
    const targetPath = textAt(reference, 'targetPath');
    const found = referenced(reference, release, manifests);
    if (found.kind === 'nothing') continue;
    if (found.kind === 'refused') {
      refused.push({ path, why: found.why });
      continue;
    }
    if (found.kind === 'unknown') unknown.push({ path, from: found.from, targetPath });
    if (targetPath !== undefined) {
      result = merged(result, own);
      const why =
        found.kind === 'unknown'
          ? setLiteral(result, targetPath, `\${${found.from}}`)
          : valueAt(reference, 'literal') === true
            ? setLiteral(result, targetPath, found.text)
            : setTyped(result, targetPath, found.text);
      if (why !== undefined) refused.push({ path, why: `${targetPath} can't be set: ${why}` });
    } else if (found.kind === 'text') {
      const values = helmValues(found.text);
      if (typeof values === 'string') refused.push({ path, why: `${found.from} is not values: ${values}` });
      else result = merged(result, asValues(values));
    }
  }
  return { values: asJson(merged(result, own)) as JsonObject, unknown, refused };
}

type Referenced =
  | { readonly kind: 'text'; readonly text: string; readonly from: string }
  | { readonly kind: 'unknown'; readonly from: string }
  | { readonly kind: 'refused'; readonly why: string }
  /** What is optional is not there. */
  | { readonly kind: 'nothing' };

function referenced(reference: JsonValue, release: Manifest, manifests: readonly Manifest[]): Referenced {
  const kind = stringAt(reference, 'kind') ?? '';
  const name = stringAt(reference, 'name') ?? '';
  const key = textAt(reference, 'valuesKey') ?? 'values.yaml';
  const namespace = release.builtNamespace ?? '';
  const from = `${kind} ${namespace}/${name}, key ${key}`;
  if (kind !== 'ConfigMap' && kind !== 'Secret')
    return { kind: 'refused', why: `${kind || 'no kind'} holds no values` };
  const object = manifests.find(
    (each) =>
      each.group === '' &&
      each.kind === 'ConfigMap' &&
      each.builtName === name &&
      (each.builtNamespace ?? '') === namespace,
  );
  // What is not in Git may be in the cluster all the same, optional or not.
  if (kind === 'Secret' || object === undefined || isMadeOnce(object)) return { kind: 'unknown', from };
  const text = valueAt(object.built, 'data', key);
  if (typeof text === 'string') return { kind: 'text', text, from };
  return valueAt(reference, 'optional') === true
    ? { kind: 'nothing' }
    : { kind: 'refused', why: `ConfigMap ${namespace}/${name} has no key ${key}` };
}

/** Whether Flux makes an object and then leaves it to others. */
function isMadeOnce({ built }: Manifest): boolean {
  return ['labels', 'annotations'].some(
    (kind) =>
      stringAt(built, 'metadata', kind, 'kustomize.toolkit.fluxcd.io/ssa')?.toLowerCase() === 'ifnotpresent',
  );
}

function textAt(value: JsonValue, name: string): string | undefined {
  const text = stringAt(value, name);
  return text === '' ? undefined : text;
}

/** Quotes around a value make it a text, and are taken off. */
function setTyped(values: Values, path: string, text: string): string | undefined {
  const isQuoted = ["'", '"'].some((quote) => text.startsWith(quote) && text.endsWith(quote));
  return isQuoted
    ? setValue(values, `${path}=${trimmed(text)}`, 'text')
    : setValue(values, `${path}=${text}`, 'typed');
}

function trimmed(text: string): string {
  const isQuote = (character: string | undefined) => character === "'" || character === '"';
  let [start, end] = [0, text.length];
  while (start < end && isQuote(text[start])) start++;
  while (end > start && isQuote(text[end - 1])) end--;
  return text.slice(start, end);
}

function setLiteral(values: Values, path: string, text: string): string | undefined {
  return setValue(values, `${path}=${text.replace(/[\\,[\]{}]/g, '\\$&')}`, 'text');
}

/** The later over the earlier. What only one of them has is taken as it is, not copied. */
function merged(one: Values, other: Values): Values {
  const result = new Map(one);
  for (const [key, value] of other) {
    const before = result.get(key);
    result.set(key, value instanceof Map && before instanceof Map ? merged(before, value) : value);
  }
  return result;
}

function asValues(value: JsonObject): Values {
  return new Map(Object.entries(value).map(([key, member]) => [key, asValue(member)]));
}

function asValue(value: JsonValue): Value {
  if (isList(value)) return value.map(asValue);
  return isObject(value) ? asValues(value) : value;
}

function asJson(value: Value): JsonValue {
  if (Array.isArray(value)) return value.map(asJson);
  return value instanceof Map
    ? Object.fromEntries([...value].map(([key, member]) => [key, asJson(member)]))
    : value;
}
