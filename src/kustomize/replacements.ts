import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import { groupOf, type FileLocation, type KustomizationFile, type Touch } from '../model/manifest.ts';
import { isGone, kindOf, refusedBuild, type Building, type Refuse } from './building.ts';
import { isSelected, selectorRefusal } from './selection.ts';

/** What replacements are read and judged with. */
interface Replacing {
  readonly refuse: Refuse;
  /** The entries of a file of replacements; undefined: not read yet, or broken. */
  readonly read: (path: string, place: FileLocation) => readonly JsonValue[] | undefined;
  /** Whether all objects are known. */
  readonly isWhole: () => boolean;
}

/** Records the fields that `replacements` write: what they write is not computed, so an edit there is not provable. Refuses
 *  what kustomize refuses.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/replacement/replacement.go */
export function recordReplacements(
  objects: readonly Building[],
  level: KustomizationFile,
  replacing: Replacing,
): void {
  const key = level.key('replacements');
  for (const [index, entry] of listAt(level.value, key).entries()) {
    const place = level.locationOf([key, index]);
    const path = stringAt(entry, 'path') ?? '';
    const entries = path === '' ? [entry] : replacing.read(path, place);
    if (entries === undefined) {
      // Unknown targets touch everything.
      const touch: Touch = { by: place, paths: undefined };
      for (const object of objects) object.touches.push(touch);
      continue;
    }
    for (const each of entries) replace(objects, each, place, replacing);
  }
}

function replace(
  objects: readonly Building[],
  entry: JsonValue,
  place: FileLocation,
  replacing: Replacing,
): void {
  const refuse = (reason: string) => {
    replacing.refuse('kustomize-replacement', place, {
      message: refusedBuild(reason),
      fix: 'Correct the replacement, or remove it.',
    });
  };
  const targets = listAt(entry, 'targets');
  const source = isObject(entry) && isObject(entry.source) ? entry.source : undefined;
  const hasValue = stringAt(entry, 'sourceValue') !== undefined;
  if ((source === undefined && !hasValue) || targets.length === 0) {
    refuse('replacements must specify a source and at least one target');
    return;
  }
  if (source !== undefined) {
    const reason = hasValue
      ? 'value and resource selectors are mutually exclusive'
      : sourceRefusal(objects, source, replacing.isWhole());
    if (reason !== undefined) refuse(reason);
  }
  for (const target of targets) {
    const select = objectAt(target, 'select');
    if (!isObject(valueAt(target, 'select'))) refuse('target must specify resources to select');
    const broken = selectorRefusal(select, objects);
    if (broken !== undefined) refuse(broken);
    const written = stringsAt(target, 'fieldPaths');
    const fields = written.length === 0 ? ['metadata.name'] : written;
    const paths: YamlPath[] = fields.map(stepsOf);
    const creates = valueAt(target, 'options', 'create') === true;
    for (const object of objects) {
      if (!isSelected(object, select)) continue;
      object.touches.push({ by: place, paths, isUncomputed: true });
      if (creates || object.isOpaque || isRejected(object, target)) continue;
      const missing = fields.find((field) => !mayHave(object.value, field));
      if (missing !== undefined) refuse(`unable to find field "${missing}" in replacement target`);
    }
  }
}

/** A field path as kustomize splits it: dots part the steps, except behind a backslash and within brackets.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/utils/pathsplitter.go */
function stepsOf(field: string): YamlPath {
  const steps = [''];
  const lastEnd = field.lastIndexOf(']');
  let isBracketed = false;
  for (let at = 0; at < field.length; at++) {
    const character = field[at] ?? '';
    const isEscaped = field.startsWith('\\.', at);
    if (character === '[' && at < lastEnd) isBracketed = true;
    if (character === ']') isBracketed = false;
    if (character === '.' && !isBracketed) steps.push('');
    else steps.push(`${steps.pop() ?? ''}${isEscaped ? '.' : character}`);
    if (isEscaped) at++;
  }
  const named = steps.filter((step) => step !== '');
  return named.map((step) => (/^\[[^=\]]*\]$/.test(step) ? step.slice(1, -1) : step));
}

function isRejected(object: Building, target: JsonValue): boolean {
  return listAt(target, 'reject').some((each) => isObject(each) && isSelected(object, each));
}

function sourceRefusal(
  objects: readonly Building[],
  source: JsonObject,
  isWhole: boolean,
): string | undefined {
  const found = objects.filter((object) => isSource(object, source));
  const named = JSON.stringify(source);
  const [first, second] = found;
  if (second !== undefined) return `multiple matches for selector ${named}`;
  if (first === undefined) return isWhole ? `nothing selected by ${named}` : undefined;
  const field = stringAt(source, 'fieldPath') ?? '';
  return first.isOpaque || mayHave(first.value, field === '' ? 'metadata.name' : field)
    ? undefined
    : `fieldPath \`${field}\` is missing for replacement source ${named}`;
}

/** A source is meant exactly, never by a pattern. */
function isSource(object: Building, source: JsonObject): boolean {
  if (isGone(object)) return false;
  const apiVersion = stringAt(object.value, 'apiVersion') ?? '';
  const is = (name: string, value: string) => {
    const wanted = stringAt(source, name) ?? '';
    return wanted === '' || wanted === value;
  };
  return (
    is('group', groupOf(apiVersion)) &&
    is('version', apiVersion.slice(apiVersion.indexOf('/') + 1)) &&
    is('kind', kindOf(object.value)) &&
    object.ids.some(({ name, namespace }) => is('name', name) && is('namespace', namespace))
  );
}

/** Whether an object may have a field: false only where plain steps surely lead nowhere. */
function mayHave(value: JsonObject, field: string): boolean {
  if (/[[\]\\*]/.test(field)) return true;
  let at: JsonValue | undefined = value;
  for (const step of field.split('.')) {
    // Text may be YAML that kustomize looks into.
    if (typeof at === 'string') return true;
    if (isList(at)) at = step === '-' ? at.at(-1) : at[Number(step)];
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return false;
  }
  return at !== undefined && at !== null;
}
