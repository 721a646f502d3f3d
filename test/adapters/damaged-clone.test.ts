import fc from 'fast-check';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/adapters/file-lock.ts';
import { withLock } from '../../src/adapters/git-lock.ts';
import { GitRepository } from '../../src/adapters/git-repository.ts';
import { createLocalForge } from '../../src/adapters/local-forge.ts';
import { bareRepository, commitTo, git } from './harness/bare-repository.ts';
import { draft, repository, visit } from './harness/visit.ts';

let folder: string;
let bare: string;
const files = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [
    `deploy/${String(index)}/app.yaml`,
    `kind: Deployment\nmetadata: {name: app-${String(index)}}\n`,
  ]),
);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-damage-'));
  bare = bareRepository(folder, files);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const cache = () => join(folder, 'cache');
const forge = () => createLocalForge({ directory: join(folder, 'forge'), cacheDirectory: cache() });

/** The one clone of the cache. */
function clone(): string {
  const [current = ''] = readdirSync(cache()).filter((name) => name.endsWith('.current'));
  return join(cache(), readFileSync(join(cache(), current), 'utf8'));
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => lstatSync(join(directory, name)).isFile())
    .sort();
}

const damages: Readonly<Record<string, (file: string, at: number) => void>> = {
  empties: (file) => {
    writeFileSync(file, '');
  },
  truncates: (file, at) => {
    truncateSync(file, Math.floor(lstatSync(file).size * at));
  },
  removes: (file) => {
    rmSync(file);
  },
  flips: (file, at) => {
    const bytes = readFileSync(file);
    const place = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
    if (place >= 0) bytes[place] = (bytes[place] ?? 0) ^ 0x5a;
    writeFileSync(file, bytes);
  },
  fills: (file) => {
    writeFileSync(file, 'no such thing\n');
  },
  locks: (file) => {
    writeFileSync(`${file}.lock`, '');
  },
};

describe('a damaged clone is made again, and the run does what it would have done:', () => {
  it('whatever happened to whichever file', async () => {
    await visit(forge());
    const expected = await visit(forge());
    expect(expected).toEqual({ files, outcome: 'unchanged', problems: [] });

    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom(...Object.keys(damages)),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        async (index, damage, at) => {
          const names = filesBelow(clone());
          const name = names[index % names.length] ?? '';
          const file = join(clone(), name);
          chmodSync(file, 0o600);
          damages[damage]?.(file, at);

          expect(await visit(forge()), `${damage} ${name}`).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  }, 300_000);

  it.each([
    [
      'shallow.lock',
      (of: string) => {
        writeFileSync(join(of, 'shallow.lock'), '');
      },
    ],
    [
      'an empty HEAD',
      (of: string) => {
        writeFileSync(join(of, 'HEAD'), '');
      },
    ],
    [
      'half a configuration',
      (of: string) => {
        truncateSync(join(of, 'config'), 40);
      },
    ],
    [
      'no objects',
      (of: string) => {
        rmSync(join(of, 'objects'), { recursive: true });
      },
    ],
    [
      'a file in place of its refs',
      (of: string) => {
        rmSync(join(of, 'refs'), { recursive: true });
        writeFileSync(join(of, 'refs'), '');
      },
    ],
    [
      'a file in place of all of it',
      (of: string) => {
        rmSync(of, { recursive: true });
        writeFileSync(of, '');
      },
    ],
    [
      'objects borrowed from elsewhere',
      (of: string) => {
        writeFileSync(join(of, 'objects/info/alternates'), '/nowhere\n');
      },
    ],
  ])('%s', async (_, damage) => {
    await visit(forge());
    damage(clone());

    expect(await visit(forge())).toEqual({ files, outcome: 'unchanged', problems: [] });
  });

  it('even while it is in use: what was read, made and not yet pushed is there again', async () => {
    const open = await forge().state(repository, undefined, draft.branch);
    if (!open.ok) throw new Error('no state');
    const opened = await GitRepository.open(`file://${viewOf()}`, cache(), undefined, { isFiltered: false });
    const refs = await opened.refs(undefined, undefined, undefined);
    const tree = await opened.fetchBase('main', refs.base ?? '');
    const commit = await opened.commit(refs.base ?? '', draft.changes, 'a message');
    rmSync(join(clone(), 'objects'), { recursive: true });

    const read = await tree.read([...tree.snapshot.paths]);
    await opened.push(commit, draft.branch, undefined);

    expect(read.ok && read.value.files.size).toBe(12);
    expect(git(bare, 'rev-parse', draft.branch).trim()).toBe(commit);
  });

  it('does not take the clone from a process that works in it', async () => {
    const slow = await GitRepository.open(`file://${bare}`, cache(), undefined, { isFiltered: false });
    const refs = await slow.refs(undefined, undefined, undefined);
    const tree = await slow.fetchBase('main', refs.base ?? '');
    const first = clone();
    writeFileSync(join(first, 'shallow.lock'), '');

    const other = await GitRepository.open(`file://${bare}`, cache(), undefined, { isFiltered: false });
    await other.refs(undefined, undefined, undefined);

    expect(clone()).not.toBe(first);
    expect(readdirSync(first)).toContain('objects');
    expect((await tree.read([...tree.snapshot.paths])).ok).toBe(true);
  });

  it('removes clones of processes that are gone', async () => {
    await visit(forge());
    const first = clone();
    writeFileSync(join(first, 'HEAD'), '');
    for (const name of readdirSync(cache()).filter((each) => each.includes('.user-')))
      writeFileSync(join(cache(), name), '4194304 1 00000000-0000-0000-0000-000000000000');

    await visit(forge());
    for (const name of readdirSync(cache()).filter((each) => each.includes('.user-')))
      writeFileSync(join(cache(), name), '4194304 1 00000000-0000-0000-0000-000000000000');
    await visit(forge());

    expect(readdirSync(cache()).filter((name) => /^[^.]*\.git$/.test(name))).toHaveLength(1);
  });
});

/** The folder that stands for the repository. */
function viewOf(): string {
  const local = join(cache(), 'local');
  const [key = ''] = readdirSync(local);
  return join(local, key, `${repository}.git`);
}

describe('a lock', () => {
  it("with a text that no process wrote is nobody's", async () => {
    for (const text of ['', '0', 'garbage', '7', '-1 x']) expect(isRunning(text)).toBe(false);
    writeFileSync(join(folder, 'lock'), '');

    expect(await withLock(join(folder, 'lock'), () => Promise.resolve('done'))).toBe('done');
  });

  it("of an earlier process is taken over when its number is another process's now", () => {
    expect(isRunning(`${String(process.ppid)} 00000000-0000-0000-0000-000000000000 1`)).toBe(false);
    expect(isRunning(`${String(process.ppid)} 00000000-0000-0000-0000-000000000000`)).toBe(true);
  });
});

it('reads what was committed since, from a clone that is whole', async () => {
  await visit(forge());
  commitTo(join(folder, 'checkout'), { 'deploy/new.yaml': 'kind: Service\n' });
  git(join(folder, 'checkout'), 'push', '--quiet', 'origin', 'main');

  expect((await visit(forge())).files).toEqual({ ...files, 'deploy/new.yaml': 'kind: Service\n' });
});
