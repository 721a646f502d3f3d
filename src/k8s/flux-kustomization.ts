import { stringAt, type JsonValue } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { joinRepoPath } from '../model/repo-path.ts';

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

/** The same of an object as it is written. */
export function isWrittenFluxKustomization(value: JsonValue): boolean {
  const kind = stringAt(value, 'kind') ?? '';
  return isFluxKustomization({ group: groupOf(stringAt(value, 'apiVersion')), kind });
}

/** The directory that `spec.path` of a Flux Kustomization means. Flux joins it to the root of the source's artifact: `""`,
 *  `./x`, `/x` and `x/` all work.
 *  @returns undefined: it leads out of the source, which Flux clamps and we do not follow */
export function pathInSource(text = ''): RepoPath | undefined {
  return joinRepoPath('' as RepoPath, text.replace(/^(?:\.?\/)+/, ''));
}
