import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

export interface Built {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What the real kustomize builds from a directory: object by `kind/name`. */
export function kustomizeBuild(directory: string): ReadonlyMap<string, Built> {
  const text = run(directory);
  const objects = parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as Built);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

function run(directory: string): string {
  const options = { encoding: 'utf8' as const, stdio: 'pipe' as const };
  try {
    return execFileSync('kubectl', ['kustomize', directory], options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return execFileSync('kustomize', ['build', directory], options);
  }
}
