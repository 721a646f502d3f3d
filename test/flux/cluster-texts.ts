/** Flux' own objects and others of a cluster's repositories, as texts. */

export const source = (
  name: string,
  repo: string,
  ref = '{branch: main}',
) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: ${name}, namespace: flux-system}
spec: {url: "https://github.com/${repo}.git", ref: ${ref}}
`;
export const kustomization = (
  name: string,
  path: string,
  more = '',
  from = 'flux-system',
) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  path: ${path}
  sourceRef: {kind: GitRepository, name: ${from}}
${more.replace(/^(?=.)/gm, '  ')}`;
export const joined = (...documents: readonly string[]) => documents.join('---\n');
export const service = (name: string, namespace = '') =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${namespace === '' ? '' : `  namespace: ${namespace}\n`}spec: {ports: [{port: 80}]}\n`;
