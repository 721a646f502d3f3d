import { isObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { YamlStream } from '../yaml/read.ts';
import { asManifest, startBuilding } from './building.ts';

/** The objects of one file as written, without any kustomization. */
export function manifestsInFile(stream: YamlStream, file: RepoPath): readonly Manifest[] {
  return stream.documents.flatMap((document) =>
    isObject(document.value) && typeof document.value.kind === 'string'
      ? [asManifest(startBuilding(file, document, [], document.value))]
      : [],
  );
}
