import type { Resource } from '../model/resource.ts';
import { readYaml } from '../yaml/read.ts';
import { hasSelector } from './peer-authentication.ts';
import { resourcesOfDocument } from '../flux/resource.ts';

/** The objects as they are with every sidecar refusing plaintext, where nobody generates the policy that says so: the one
 *  for the whole mesh says STRICT, and those of namespaces stay.
 *  @see https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/ */
export function withMeshWideStrict(
  resources: readonly Resource[],
  rootNamespace: string,
): readonly Resource[] {
  const file = 'PeerAuthentication of the whole mesh';
  const text = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: ${rootNamespace}
spec:
  mtls:
    mode: STRICT
`;
  const read = readYaml(text, file);
  if (!read.ok) throw new Error('this text is YAML');
  const strict = read.value.documents.flatMap((document) => resourcesOfDocument(document, file, undefined));
  const others = resources.filter(
    (each) => each.known !== 'PeerAuthentication' || each.namespace !== rootNamespace || hasSelector(each),
  );
  return [...others, ...strict];
}
