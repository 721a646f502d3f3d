import { isObject, listAt, stringAt, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';
import type { FileLocation, KustomizationFile } from '../model/manifest.ts';

/** What a Flux Kustomization adds to the kustomization file of its path.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file */
export interface KustomizationOverlay {
  /** The Flux Kustomization's `spec`. */
  readonly spec: JsonObject;
  /** Whether the source says itself what it leaves out, so that nothing more is. */
  readonly hasRules?: boolean;
  /** Where a value of the spec is written. */
  readonly placeOf: (path: YamlPath) => FileLocation;
}

/** Fields of the spec that take the place of the file's, by the file's names. */
const replacing: Readonly<Record<string, string>> = {
  namespace: 'targetNamespace',
  namePrefix: 'namePrefix',
  nameSuffix: 'nameSuffix',
};
/** Fields of the spec that go behind the file's. */
const appended = ['patches', 'components'] as const;

/** A kustomization file with what the Flux Kustomization adds: a prefix or a namespace of its own replaces the file's,
 *  patches and components come after the file's. Images are left alone: no name and no label depends on them.
 *  @see https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go */
export function withOverlay(
  file: KustomizationFile,
  { spec, placeOf }: KustomizationOverlay,
): KustomizationFile {
  const entries = new Map<string, JsonValue>(Object.entries(file.value));
  const replaced = new Map<string, string>();
  for (const [name, field] of Object.entries(replacing)) {
    const value = stringAt(spec, field);
    if (value === undefined || value === '') continue;
    entries.set(file.key(name), value);
    replaced.set(file.key(name), field);
  }
  const firsts = new Map<string, { readonly name: string; readonly from: number }>();
  for (const name of appended) {
    const key = file.key(name);
    const own = listAt(file.value, key);
    const more = listAt(spec, name).map((entry) => (name === 'patches' ? patchOf(entry) : entry));
    if (more.length === 0) continue;
    entries.set(key, [...own, ...more]);
    firsts.set(key, { name, from: own.length });
  }
  return {
    ...file,
    value: Object.fromEntries(entries),
    locationOf(path) {
      const [key, index, ...rest] = path;
      const field = replaced.get(String(key));
      if (field !== undefined) return placeOf([field]);
      const list = firsts.get(String(key));
      return list !== undefined && typeof index === 'number' && index >= list.from
        ? placeOf([list.name, index - list.from, ...rest])
        : file.locationOf(path);
    },
  };
}

/** Patches of a Flux Kustomization are inline: it has no `path` and no `options`. */
function patchOf(entry: JsonValue): JsonValue {
  if (!isObject(entry)) return entry;
  const { patch, target } = entry;
  return { ...(patch !== undefined && { patch }), ...(target !== undefined && { target }) };
}

/** The kustomization file that Flux makes for a directory without one: nothing but the overlay. */
export function onlyOverlay(overlay: KustomizationOverlay): KustomizationFile {
  const { file } = overlay.placeOf([]);
  return withOverlay(
    { file, document: 0, value: {}, key: (name) => name, locationOf: overlay.placeOf },
    overlay,
  );
}
