import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitError, GitRunner } from '../../src/adapters/git-run.ts';
import { ObjectReader } from '../../src/adapters/object-reader.ts';
import { bareRepository, commitTo, git } from './harness/bare-repository.ts';

let folder: string;
let bare: string;
const readers: ObjectReader[] = [];
const files = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [`deploy/${String(index)}.yaml`, `text ${String(index)}\n`]),
);

const path = process.env.PATH ?? '';
const realGit = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-objects-'));
  bare = bareRepository(folder, files);
  // A git that writes down its number.
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/git'),
    `#!/bin/sh\necho "$$ $PWD" >> '${join(folder, 'log')}'\nexec '${realGit}' "$@"\n`,
  );
  chmodSync(join(folder, 'bin/git'), 0o755);
  process.env.PATH = `${join(folder, 'bin')}:${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  for (const each of readers.splice(0)) each.close();
  rmSync(folder, { recursive: true, force: true });
});

function reader(of = bare): ObjectReader {
  const objects = new ObjectReader(new GitRunner(of, 'own'));
  readers.push(objects);
  return objects;
}

/** The numbers of all processes that were started. */
function started(): readonly number[] {
  if (!existsSync(join(folder, 'log'))) return [];
  return readFileSync(join(folder, 'log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await wait(20);
}

const idAt = (path: string) => git(bare, 'rev-parse', `main:${path}`).trim();
const textsOf = async (objects: ObjectReader, names: readonly string[]) =>
  (await objects.read(names)).map((found) => found?.bytes.toString('utf8'));
const objectFile = (id: string) => join(bare, 'objects', id.slice(0, 2), id.slice(2));

describe('one process', () => {
  it('answers everything that is asked of a repository, however much at the same time', async () => {
    const objects = reader();
    const paths = Object.keys(files);

    const all = await Promise.all([
      ...paths.map((path) => textsOf(objects, [idAt(path)])),
      textsOf(objects, paths.map(idAt)),
      textsOf(objects, []),
    ]);

    expect(all.slice(0, 30).flat()).toEqual(Object.values(files));
    expect(all[30]).toEqual(Object.values(files));
    expect(all[31]).toEqual([]);
    expect(started()).toHaveLength(1);
  });

  it('says what is not there, and goes on', async () => {
    const objects = reader();
    const absent = 'f'.repeat(40);

    const found = await textsOf(objects, [
      absent,
      idAt('deploy/1.yaml'),
      'refs/heads/none',
      `${absent} blob 5`,
      'main:deploy/2.yaml',
    ]);

    expect(found).toEqual([undefined, 'text 1\n', undefined, undefined, 'text 2\n']);
    expect(started()).toHaveLength(1);
  });

  it('sees what was committed since it was started', async () => {
    const objects = reader();
    await objects.read(['refs/heads/main']);
    commitTo(join(folder, 'checkout'), { 'deploy/new.yaml': 'new\n' });
    git(join(folder, 'checkout'), 'push', '--quiet', 'origin', 'main');
    git(bare, 'gc', '--quiet', '--prune=now');

    expect(await textsOf(objects, ['refs/heads/main:deploy/new.yaml', 'main:deploy/3.yaml'])).toEqual([
      'new\n',
      'text 3\n',
    ]);
    expect(started()).toHaveLength(1);
  });

  it('reads an object of many megabytes, and of no bytes at all', async () => {
    const large = `${'0123456789abcdef'.repeat(64)}\n`.repeat(6000);
    commitTo(join(folder, 'checkout'), { 'large.txt': large, 'empty.txt': '' });
    git(join(folder, 'checkout'), 'push', '--quiet', 'origin', 'main');
    const objects = reader();

    const found = await textsOf(objects, ['main:large.txt', 'main:empty.txt', 'main:deploy/4.yaml']);

    expect(found[0] === large).toBe(true);
    expect(found.slice(1)).toEqual(['', 'text 4\n']);
  });

  it('is ended for another when many repositories are open, and comes back when it is asked', async () => {
    const all = Array.from({ length: 40 }, () => reader());

    for (const objects of all) await objects.read(['refs/heads/main']);
    const first = started();
    for (const pid of first.slice(0, 16)) await ended(pid);

    for (const objects of all) expect(await textsOf(objects, ['main:deploy/5.yaml'])).toEqual(['text 5\n']);
    expect(first).toHaveLength(40);
    expect(started().length).toBeGreaterThan(40);
  });
});

/** Never 0, which would be the group of the test itself. */
function firstStarted(): number {
  const [pid] = started();
  if (pid === undefined) throw new Error('no process was started');
  return pid;
}

describe('a process that is lost', () => {
  it('while nothing is asked is replaced', async () => {
    const objects = reader();
    await objects.read(['refs/heads/main']);
    process.kill(firstStarted(), 'SIGKILL');
    await ended(firstStarted());

    expect(await textsOf(objects, ['main:deploy/6.yaml'])).toEqual(['text 6\n']);
  });

  it('in the middle of its answers is replaced, and each question has one answer', async () => {
    const objects = reader();
    await objects.read(['refs/heads/main']);

    process.kill(firstStarted(), 'SIGSTOP');
    const asked = Object.keys(files).map((path) =>
      textsOf(objects, [`main:${path}`, 'none', `main:${path}`]),
    );
    process.kill(firstStarted(), 'SIGKILL');

    expect(await Promise.all(asked)).toEqual(Object.values(files).map((text) => [text, undefined, text]));
    expect(started()).toHaveLength(2);
  });

  it('of an object that git can not read fails that question, and no other', async () => {
    const id = idAt('deploy/7.yaml');
    chmodSync(objectFile(id), 0o600);
    writeFileSync(objectFile(id), 'no such thing');
    const objects = reader();

    const [before, odd, after] = await Promise.allSettled([
      textsOf(objects, ['main:deploy/8.yaml']),
      textsOf(objects, [id]),
      textsOf(objects, ['main:deploy/9.yaml']),
    ]);

    expect(before).toMatchObject({ value: ['text 8\n'] });
    expect(after).toMatchObject({ value: ['text 9\n'] });
    expect(odd).toMatchObject(
      odd.status === 'fulfilled' ? { value: [undefined] } : { reason: expect.any(GitError) as unknown },
    );
  });

  it('is not started again for ever when git can not run there', async () => {
    mkdirSync(join(folder, 'none'));
    const objects = reader(join(folder, 'none'));

    await expect(objects.read(['HEAD'])).rejects.toThrow(GitError);
    expect(started()).toHaveLength(2);
    rmSync(join(folder, 'none'), { recursive: true });
    await expect(objects.read(['HEAD'])).rejects.toThrow(GitError);
  });
});

it('an object with bytes of another is refused', async () => {
  const [id, other] = [idAt('deploy/10.yaml'), idAt('deploy/11.yaml')];
  chmodSync(objectFile(id), 0o600);
  writeFileSync(objectFile(id), readFileSync(objectFile(other)));
  const objects = reader();

  await expect(objects.read([id])).rejects.toThrow(`${id} is damaged`);
  expect(await textsOf(objects, [other])).toEqual(['text 11\n']);
});

it('a name that would be two questions is no question', () => {
  const objects = reader();

  expect(() => objects.read(['HEAD\nHEAD'])).toThrow("can't be asked for");
});
