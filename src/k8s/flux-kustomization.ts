import { posix } from 'node:path';
import { stringAt, type JsonValue } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';

/** Whether an object is Flux' own Kustomization, which builds a path, and not a kustomization file.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/ */
export function isFluxKustomization({
  group,
  kind,
}: {
  readonly group: string;
  readonly kind: string;
}): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization';
}

/** Whether a text may hold a Flux Kustomization: a text without the group's name does not need to be parsed. */
export function mayHoldFluxKustomization(text: string): boolean {
  return text.includes('kustomize.toolkit.fluxcd.io');
}

/** The same of an object as it is written. */
export function isWrittenFluxKustomization(value: JsonValue): boolean {
  const kind = stringAt(value, 'kind') ?? '';
  return isFluxKustomization({ group: groupOf(stringAt(value, 'apiVersion')), kind });
}

/** The directory that `spec.path` of a Flux Kustomization means, and every other path of Flux within a source. Flux joins it
 *  to the root of the source's artifact as if that were the root of the file system: `""`, `./x`, `/x` and `x/` all work, and
 *  `..` at the root stays there, so that `../../x` is `x`.
 *  @see https://pkg.go.dev/github.com/cyphar/filepath-securejoin#SecureJoin */
export function pathInSource(text = ''): RepoPath {
  return posix.normalize(`/${text}`).replace(/^\/|\/$/g, '') as RepoPath;
}
