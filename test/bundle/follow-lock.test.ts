import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockPath } from '../../src/bundle/lock.ts';
import { planBundle } from '../../src/bundle/plan-target.ts';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { NamespaceName, RepoPath, TargetId } from '../../src/model/named.ts';
import { withChanges, type Snapshot } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec, target } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';
import { app, overlay } from './app.ts';

const caller = (account: string) => ({
  namespace: 'web' as NamespaceName,
  serviceAccount: account,
  service: account,
  ports: [8080],
  stage: 'enforced' as const,
});

const wanting = (accounts: readonly string[], changes: Partial<NamespaceSpec> = {}) =>
  spec({ stage: 'enforced', services: [service({ callers: accounts.map(caller) })], ...changes });

function run(wanted: readonly NamespaceSpec[], files: Snapshot, fleetLocks: readonly string[]) {
  const locks = new Set(fleetLocks as TargetId[]);
  const options = { restore: false, fleetLocks: locks };
  const { value: bundle } = planBundle(target(...wanted), 'acme/shop' as never, files, templates, options);
  if (bundle === undefined) throw new Error('the plan asks for files it has');
  return { files: withChanges(files, bundle.changes), problems: bundle.problems };
}

const moved = (files: Snapshot, from: string, to: string): Snapshot =>
  repository(
    Object.fromEntries(
      [...files.files].map(([path, text]) => [
        path.startsWith(`${from}/`) ? to + path.slice(from.length) : path,
        text,
      ]),
    ),
  );

/** What a repository holds beside locks, as it would be at `overlay`. */
const contents = (files: Snapshot, at: string) =>
  Object.fromEntries(
    [...moved(files, at, overlay).files].filter(([path]) => !path.startsWith('.meshwright/')),
  );

const generated = run([wanting(['a', 'b', 'c'])], repository(app()), ['shop@lab']).files;
const name = fc.stringMatching(/^[a-z]{1,6}$/);

describe('a lock after a move', () => {
  it('makes of the moved directory what it would have made of it before the move', () => {
    const before = run([wanting(['b'])], generated, ['shop@lab']).files;
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean(), (parts, isRenamed) => {
        const directory = parts.join('/') as RepoPath;
        const id = (isRenamed ? 'shop@test' : 'shop@lab') as TargetId;
        const wanted = wanting(['b'], { directory, target: id });

        const { files, problems } = run([wanted], moved(generated, overlay, directory), [id]);
        const again = run([wanted], files, [id]).files;

        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(contents(files, directory)).toEqual(contents(before, overlay));
        expect([...files.paths].filter((path) => path.endsWith('.lock.yaml'))).toEqual([lockPath(id)]);
        expect(again.files).toEqual(files.files);
      }),
      { numRuns: 12 },
    );
  });

  it('is not taken from a target that the fleet still has', () => {
    const wanted = wanting(['b'], { target: 'shop@test' as TargetId });

    const { files, problems } = run([wanted], generated, ['shop@lab', 'shop@test']);

    expect(files.paths).toContain('.meshwright/shop@lab.lock.yaml');
    expect(problems.map(({ rule }) => rule)).toContain('lock-missing');
  });

  it('does not forget the directory of a cluster that left the environment', () => {
    const copies = Object.fromEntries(
      Object.entries(app()).map(([path, text]) => [path.replace(overlay, 'clusters/two'), text]),
    );
    const both = [wanting(['a']), wanting(['a'], { cluster: 'two', directory: 'clusters/two' as RepoPath })];
    const made = run(both, repository({ ...app(), ...copies }), ['shop@lab']).files;

    const { files, problems } = run([wanting([])], made, ['shop@lab']);

    expect(problems.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(['error lock-left-behind']);
    expect(files.files).toEqual(made.files);
  });
});
