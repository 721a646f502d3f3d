import { isObject, listAt, stringAt, valueAt, type JsonObject, type YamlPath } from '../model/json.ts';
import {
  kindOf,
  isGone,
  nameOf,
  namespaceIn,
  idOf,
  refusedBuild,
  withValue,
  type Building,
  type Refuse,
} from './building.ts';
import { printedId } from './joined.ts';
import { namedTemplatePath } from './transform.ts';

/** A name that a pod gives: of which kind, and where in the pod's spec. */
interface Reference {
  readonly kind: 'ServiceAccount' | 'ConfigMap' | 'Secret';
  readonly path: YamlPath;
}

/** Makes the names in pods follow what they mean, once the whole is built, and says where that could be several objects.
 *  Only the account's name is changed: nothing here depends on the others.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/nameref/nameref.go */
export function followNames(objects: readonly Building[], refuse: Refuse): void {
  const candidates = new Map<string, Building[]>();
  for (const object of objects) {
    const kind = kindOf(object.value);
    if (isGone(object) || !['ServiceAccount', 'ConfigMap', 'Secret'].includes(kind)) continue;
    for (const name of new Set(object.ids.map((id) => id.name))) {
      const key = `${kind} ${name}`;
      candidates.set(key, [...(candidates.get(key) ?? []), object]);
    }
  }
  for (const object of objects) {
    const template = isGone(object) ? undefined : namedTemplatePath(kindOf(object.value));
    if (template === undefined) continue;
    const base = [...template, 'spec'];
    for (const { kind, path } of referencesIn(valueAt(object.value, ...base))) {
      const at = [...base, ...path];
      const name = stringAt(object.value, ...at) ?? '';
      const found = meant(object, candidates.get(`${kind} ${name}`) ?? []);
      if (found.length > 1)
        refuse('kustomize-name-reference', placeOf(object, at), ambiguous(object, name, found));
      else if (found[0] !== undefined && kind === 'ServiceAccount')
        object.value = withValue(object.value, at, nameOf(found[0].value));
    }
  }
}

function placeOf(object: Building, path: YamlPath) {
  return { file: object.file, ...object.document.placeOf([...object.at, ...path]) };
}

function ambiguous(object: Building, name: string, found: readonly Building[]) {
  const ids = found.map(({ value }) => printedId(value)).join(', ');
  return {
    message: refusedBuild(
      `found multiple possible referrals for "${name}" in ${printedId(object.value)}: ${ids}`,
    ),
    fix: 'Give the objects different names, or include them where only one is meant.',
  };
}

/** What a name of a pod means: the objects between which kustomize can't choose; one where it can. */
function meant(referrer: Building, all: readonly Building[]): readonly Building[] {
  const here = namespaceIn(idOf(referrer.value));
  // A role binding elsewhere may mean an account, so kustomize lets accounts of any namespace through.
  const near = all.filter(
    ({ value }) => kindOf(value) === 'ServiceAccount' || namespaceIn(idOf(value)) === here,
  );
  if (near.length <= 1) return near;
  const loose = near.filter((each) => isAlike(each, referrer, true));
  const alike = loose.length > 1 ? near.filter((each) => isAlike(each, referrer, false)) : loose;
  const [first] = alike;
  return first !== undefined && alike.every(({ value }) => nameOf(value) === nameOf(first.value))
    ? [first]
    : alike;
}

/** Whether two objects have the same prefixes and suffixes, as far as the shorter lists go. */
function isAlike(one: Building, other: Building, allowsNone: boolean): boolean {
  const isSame = (a: readonly string[], b: readonly string[]) =>
    (allowsNone && (a.length === 0 || b.length === 0)) || endsAlike(a, b);
  return isSame(one.prefixes, other.prefixes) && isSame(one.suffixes, other.suffixes);
}

/** @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/utils/stringslice.go SameEndingSubSlice */
function endsAlike(shortest: readonly string[], longest: readonly string[]): boolean {
  const [short, long] = shortest.length > longest.length ? [longest, shortest] : [shortest, longest];
  const from = long.length - short.length;
  if (short.length === 0) return long.length === 0;
  return short.every((item, index) => item === long[from + index]);
}

function* referencesIn(spec: JsonObject[string] | undefined): Iterable<Reference> {
  if (!isObject(spec)) return;
  if (typeof spec.serviceAccountName === 'string')
    yield { kind: 'ServiceAccount', path: ['serviceAccountName'] };
  for (const list of ['containers', 'initContainers'])
    for (const [index, container] of listAt(spec, list).entries()) {
      const at = [list, index];
      for (const [number, source] of listAt(container, 'envFrom').entries()) {
        const here = [...at, 'envFrom', number];
        yield* named(source, here, 'ConfigMap', ['configMapRef', 'name']);
        yield* named(source, here, 'Secret', ['secretRef', 'name']);
      }
      for (const [number, variable] of listAt(container, 'env').entries()) {
        const here = [...at, 'env', number];
        yield* named(variable, here, 'ConfigMap', ['valueFrom', 'configMapKeyRef', 'name']);
        yield* named(variable, here, 'Secret', ['valueFrom', 'secretKeyRef', 'name']);
      }
    }
  for (const [index, volume] of listAt(spec, 'volumes').entries()) {
    yield* named(volume, ['volumes', index], 'ConfigMap', ['configMap', 'name']);
    yield* named(volume, ['volumes', index], 'Secret', ['secret', 'secretName']);
  }
}

function* named(
  value: JsonObject[string],
  at: YamlPath,
  kind: Reference['kind'],
  path: YamlPath,
): Iterable<Reference> {
  if (stringAt(value, ...path) !== undefined) yield { kind, path: [...at, ...path] };
}
