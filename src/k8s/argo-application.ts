import { listAt, objectAt, stringAt, type JsonValue } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';

/** A path of a repository that Argo CD applies. */
export interface ArgoSource {
  readonly kind: 'Application' | 'ApplicationSet';
  readonly name: string;
  readonly repository: string;
  /** undefined: a chart, or filled in by a generator. */
  readonly path: string | undefined;
  readonly namespace: string | undefined;
}

/** The sources of an Argo CD Application, or of the template of an ApplicationSet; empty: it is something else.
 *  @see https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export function argoSources(value: JsonValue): readonly ArgoSource[] {
  const kind = stringAt(value, 'kind');
  if (groupOf(stringAt(value, 'apiVersion')) !== 'argoproj.io') return [];
  if (kind !== 'Application' && kind !== 'ApplicationSet') return [];
  const spec = kind === 'Application' ? objectAt(value, 'spec') : objectAt(value, 'spec', 'template', 'spec');
  const single = objectAt(spec, 'source');
  const sources = Object.keys(single).length > 0 ? [single] : listAt(spec, 'sources');
  return sources.map((source) => ({
    kind,
    name: stringAt(value, 'metadata', 'name') ?? '',
    repository: stringAt(source, 'repoURL') ?? '',
    path: stringAt(source, 'path'),
    namespace: stringAt(spec, 'destination', 'namespace'),
  }));
}
