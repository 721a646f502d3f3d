import { labelNamespace, namespaceInMesh } from '../../generators/namespace/namespace-label.ts';
import { manifestsInFile } from '../kustomize/read-file.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { editYaml } from '../yaml/edit.ts';
import { readYaml } from '../yaml/read.ts';
import { accepted } from './accepted.ts';
import type { DirectoryPlan } from './directory-plan.ts';

/** The label on a Namespace manifest that lives elsewhere: in another directory, or another repository. */
export function planNamespaceFile(
  spec: NamespaceSpec,
  path: RepoPath,
  snapshot: Snapshot,
): Reading<DirectoryPlan> {
  const text = snapshot.files.get(path);
  if (!snapshot.paths.has(path) || snapshot.unreadable.has(path))
    return refused(spec, path, 'There is no such text file.');
  if (text === undefined) return { needs: [path] };
  const stream = readYaml(text, path);
  if (!stream.ok) return known({ changes: [], notes: [], conflicts: [], problems: stream.problems });
  const manifest = manifestsInFile(stream.value, path).find(
    ({ kind, name }) => kind === 'Namespace' && name === spec.namespace,
  );
  if (manifest === undefined) return refused(spec, path, `It holds no Namespace "${spec.namespace}".`);
  const { actions, problems: found } = labelNamespace(manifest, spec.mesh, spec.stage);
  // No lock remembers an edit of this file, so the label may well be ours.
  const problems = found
    .filter(({ rule }) => rule !== namespaceInMesh)
    .map((problem) => accepted(problem, spec));
  const plan: DirectoryPlan = { changes: [], notes: [], conflicts: [], problems };
  const [action] = actions;
  if (action?.do !== 'edit') return known(plan);
  const edited = editYaml(text, path, manifest.document, action.edits);
  if (!edited.ok) return known({ ...plan, problems: [...problems, ...edited.problems] });
  return known({
    conflicts: [],
    changes: [{ path, before: text, after: edited.value }],
    notes: [{ file: path, what: `changes Namespace ${spec.namespace}`, why: action.why }],
    problems,
  });
}

function refused(spec: NamespaceSpec, path: RepoPath, message: string): Reading<DirectoryPlan> {
  const problem: Problem = {
    rule: 'namespace-not-found',
    severity: 'error',
    message: `The Namespace manifest of "${spec.namespace}" was expected in ${path}. ${message}`,
    fix: 'Correct namespaceManifest in fleet.yaml.',
    file: path,
  };
  return known({ changes: [], notes: [], conflicts: [], problems: [problem] });
}
