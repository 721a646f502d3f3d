import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import type { FileLocation, KustomizationFile } from '../model/manifest.ts';
import {
  idOf,
  isGone,
  kindOf,
  namespaceIn,
  refusedBuild,
  startBuilding,
  type Building,
  type Refuse,
} from './building.ts';
import { printedId } from './joined.ts';

/** What generators are judged with. */
interface Generating {
  readonly refuse: Refuse;
  /** Says so where an entry is not a file of the repository. */
  readonly needFile: (entry: string, place: FileLocation) => void;
  readonly isWhole: () => boolean;
}

const fields = [
  ['configMapGenerator', 'ConfigMap'],
  ['secretGenerator', 'Secret'],
] as const;

/** The ConfigMaps and Secrets that a level generates, for what is said of them by name: their contents are not read.
 *  Refuses what kustomize refuses.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/kv/kv.go
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/resmap/reswrangler.go appendReplaceOrMerge */
export function generateObjects(objects: Building[], level: KustomizationFile, generating: Generating): void {
  for (const [field, kind] of fields) {
    const key = level.key(field);
    for (const [index, entry] of listAt(level.value, key).entries()) {
      if (!isObject(entry)) continue;
      const place = level.locationOf([key, index]);
      const refuse = (reason: string) => {
        generating.refuse('kustomize-generator', place, {
          message: refusedBuild(reason),
          fix: `Correct this entry of ${field}.`,
        });
      };
      const name = stringAt(entry, 'name') ?? '';
      if (name === '') refuse(`a ${kind.toLowerCase()} must have a name`);
      checkKeys(
        entry,
        `${kind.toLowerCase()} ${name}`,
        (file) => {
          generating.needFile(file, place);
        },
        refuse,
      );
      const made = startBuilding(
        level.file,
        documentOf(level, [key, index]),
        [],
        objectOf(entry, kind, name),
        true,
      );
      join(objects, made, stringAt(entry, 'behavior') ?? '', generating.isWhole(), refuse);
    }
  }
}

function checkKeys(
  entry: JsonObject,
  what: string,
  needFile: (file: string) => void,
  refuse: (reason: string) => void,
): void {
  const keys: string[] = [];
  const env = stringAt(entry, 'env') ?? '';
  for (const file of [...stringsAt(entry, 'envs'), ...(env === '' ? [] : [env])]) needFile(file);
  for (const literal of stringsAt(entry, 'literals')) {
    const at = literal.indexOf('=');
    if (at <= 0) refuse(`literal sources: invalid literal source ${literal}, expected key=value`);
    else keys.push(literal.slice(0, at));
  }
  for (const file of stringsAt(entry, 'files')) {
    const parts = file.split('=');
    if (parts.length > 2) refuse("file sources: key names or file paths cannot contain '='");
    else if (parts.length === 2 && parts.includes(''))
      refuse(`file sources: ${file} names no ${parts[0] === '' ? 'key' : 'file'}`);
    else {
      const path = parts.at(-1) ?? '';
      keys.push(parts.length === 2 ? (parts[0] ?? '') : (path.split('/').at(-1) ?? ''));
      needFile(path);
    }
  }
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) refuse(`${what} illegally repeats the key \`${twice}\``);
}

/** Takes a generated object into a level, by its `behavior`. */
function join(
  objects: Building[],
  made: Building,
  behavior: string,
  isWhole: boolean,
  refuse: (reason: string) => void,
): void {
  const own = idOf(made.value);
  const known = objects.filter(
    (object) =>
      !isGone(object) &&
      kindOf(object.value) === kindOf(made.value) &&
      object.ids.some((id) => id.name === own.name && namespaceIn(id) === namespaceIn(own)),
  );
  const changes = behavior === 'merge' || behavior === 'replace';
  const id = printedId(made.value);
  if (known.length === 0) {
    if (changes && isWhole) refuse(`id ${id} does not exist; cannot merge or replace`);
    objects.push(made);
  } else if (!changes) refuse(`id ${id} exists; behavior must be merge or replace`);
  else if (known.length > 1) refuse(`found multiple objects that could accept ${behavior} of ${id}`);
}

function objectOf(entry: JsonObject, kind: string, name: string): JsonObject {
  const namespace = stringAt(entry, 'namespace') ?? '';
  const options = objectAt(entry, 'options');
  const metadata: Record<string, JsonValue> = { name };
  if (namespace !== '') metadata.namespace = namespace;
  for (const key of ['labels', 'annotations'] as const)
    if (isObject(options[key])) metadata[key] = options[key];
  return { apiVersion: 'v1', kind, metadata };
}

function documentOf(level: KustomizationFile, path: readonly (string | number)[]): Building['document'] {
  const place = level.locationOf(path);
  return {
    index: level.document,
    placeOf: () => place,
    rangeOf: () => ({ ...place, endLine: place.line, endColumn: place.column }),
  };
}
