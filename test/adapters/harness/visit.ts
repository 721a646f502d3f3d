import type { Draft } from '../../../src/model/bundle.ts';
import type { RepoPath, RepositoryId, TargetId } from '../../../src/model/named.ts';
import type { Forge } from '../../../src/model/ports.ts';
import type { Problem } from '../../../src/model/problem.ts';

export const repository = 'acme/shop' as RepositoryId;
const path = (text: string) => text as RepoPath;

export const draft: Draft = {
  target: 'shop@lab' as TargetId,
  stage: 'joined',
  repository,
  branch: 'meshwright/shop-lab-joined',
  base: undefined,
  title: 'Join shop',
  body: 'text',
  commitMessage: 'Join shop',
  labels: [],
  reviewers: [],
  draft: false,
  changes: [{ path: path('deploy/sidecar.yaml'), before: undefined, after: 'kind: Sidecar\n' }],
  digest: 'abc',
};

export interface Visit {
  /** Of each file of the base branch. */
  readonly files: Readonly<Record<string, string>>;
  readonly outcome: string | undefined;
  readonly problems: readonly Problem[];
}

/** Does with a repository all that a run may do: reads it, opens a pull request, looks at it, and perhaps closes it. */
export async function visit(forge: Forge, closes = false): Promise<Visit> {
  const problems: Problem[] = [];
  const take = <T>(
    outcome: { ok: true; value: T } | { ok: false; problems: readonly Problem[] },
  ): T | undefined => {
    if (outcome.ok) return outcome.value;
    problems.push(...outcome.problems);
    return undefined;
  };
  const state = take(await forge.state(repository, undefined, draft.branch));
  const files: Record<string, string> = {};
  let outcome: string | undefined;
  if (state !== undefined) {
    const read = take(await state.base.read([...state.base.snapshot.paths]));
    for (const [name, text] of read?.files ?? []) files[name] = text;
    // As whoever plans finds it: a branch that is there holds all of it.
    const { branch } = state;
    const wanted = branch === undefined ? draft : { ...draft, changes: [] };
    const placement = { parent: branch?.tree ?? state.base, isExact: true };
    outcome = take(await forge.upsert(wanted, state, placement))?.outcome;
  }
  const question = { repository, file: path('deploy/app.yaml'), branches: [draft.branch] };
  for (const answer of await forge.survey([question], undefined)) take(answer);
  const place = { repository, number: 1, branch: draft.branch, file: path('deploy/app.yaml') };
  if (outcome !== undefined) for (const answer of await forge.inspect([place])) take(answer);
  if (closes) take(await forge.close(repository, 1, 'over'));
  return { files, outcome, problems };
}
