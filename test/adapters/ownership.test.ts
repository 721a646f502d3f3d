import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCache } from '../../src/adapters/cache-folder.ts';
import { readOperatorConfig } from '../../src/adapters/operator-config.ts';
import { isOwn } from '../../src/adapters/ownership.ts';
import { findFleetFile } from '../../src/adapters/surroundings.ts';

let folder: string;
const self = process.geteuid;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'meshwright-owner-')));
});
afterEach(() => {
  Object.assign(process, { geteuid: self });
  delete process.env.SUDO_UID;
  rmSync(folder, { recursive: true, force: true });
});

/** Only root can give a folder to somebody else; for others, they become somebody else. */
function giveAway(path: string): void {
  if (self?.() === 0) chownSync(path, 4242, 4242);
  else becomeAnother();
}

/** From now on what this user made belongs to somebody else. */
function becomeAnother(): void {
  Object.assign(process, { geteuid: () => 4242 });
}
const rule = (outcome: { readonly ok: boolean; readonly problems: readonly { readonly rule: string }[] }) =>
  outcome.ok ? 'ok' : outcome.problems[0]?.rule;

describe('a fleet file that nobody named', () => {
  it('is found in the folder or above, up to the root of the repository and no further', async () => {
    const inside = join(folder, 'repository/ops/lab');
    mkdirSync(inside, { recursive: true });
    mkdirSync(join(folder, 'repository/.git'));
    writeFileSync(join(folder, 'fleet.yaml'), '');

    const above = await findFleetFile(inside);
    writeFileSync(join(folder, 'repository/fleet.yaml'), '');
    const atRoot = await findFleetFile(inside);

    expect(above).toMatchObject({ ok: true, value: undefined });
    expect(atRoot).toMatchObject({ ok: true, value: join(folder, 'repository/fleet.yaml') });
  });

  it('ends at a worktree and a submodule as well, whose .git is a file', async () => {
    mkdirSync(join(folder, 'module'));
    writeFileSync(join(folder, 'module/.git'), 'gitdir: elsewhere\n');
    writeFileSync(join(folder, 'fleet.yaml'), '');

    expect(await findFleetFile(join(folder, 'module'))).toMatchObject({ ok: true, value: undefined });
  });

  it('is refused when it belongs to another user, with the flag that names it', async () => {
    writeFileSync(join(folder, 'fleet.yaml'), '');
    becomeAnother();

    const found = await findFleetFile(folder);

    expect(rule(found)).toBe('fleet-of-another-user');
    expect(found.problems[0]?.fix).toContain(`--fleet ${join(folder, 'fleet.yaml')}`);
  });

  it("is judged by git's rule: root also trusts whoever started it by sudo, and nobody else does", () => {
    Object.assign(process, { geteuid: () => 0 });
    process.env.SUDO_UID = '1000';
    expect([isOwn({ uid: 0 }), isOwn({ uid: 1000 }), isOwn({ uid: 1001 })]).toEqual([true, true, false]);
    process.env.SUDO_UID = '1000x';
    expect(isOwn({ uid: 1000 })).toBe(false);
    process.env.SUDO_UID = '1000';
    Object.assign(process, { geteuid: () => 1001 });
    expect([isOwn({ uid: 0 }), isOwn({ uid: 1000 }), isOwn({ uid: 1001 })]).toEqual([false, false, true]);
  });
});

describe('the cache', () => {
  const cache = () => join(folder, 'cache');
  const open = () => openCache({ MESHWRIGHT_CACHE: cache() });

  it('is made for its owner alone', async () => {
    expect(rule(await open())).toBe('ok');
    expect(lstatSync(cache()).mode & 0o777).toBe(0o700);
    expect(rule(await open())).toBe('ok');
  });

  it.each<[string, () => void]>([
    [
      'everyone can write to it',
      () => {
        mkdirSync(cache());
        chmodSync(cache(), 0o777);
      },
    ],
    [
      'everyone can write to it, sticky or not',
      () => {
        mkdirSync(cache());
        chmodSync(cache(), 0o1777);
      },
    ],
    [
      'everyone can write to the folder above',
      () => {
        chmodSync(folder, 0o777);
      },
    ],
    [
      'it is a link',
      () => {
        mkdirSync(join(folder, 'other'));
        symlinkSync(join(folder, 'other'), cache());
      },
    ],
    [
      'an entry is a link',
      () => {
        mkdirSync(cache());
        symlinkSync(folder, join(cache(), 'answers'));
      },
    ],
    [
      'it belongs to another user',
      () => {
        mkdirSync(cache());
        giveAway(cache());
      },
    ],
    [
      'the folder above belongs to another user',
      () => {
        giveAway(folder);
      },
    ],
  ])('is refused when %s', async (_, prepare) => {
    prepare();

    const refused = await open();

    expect(rule(refused)).toBe('cache-not-private');
    expect(refused.problems[0]?.fix).toContain('export MESHWRIGHT_CACHE=');
  });

  it('is a problem, and no bug, where no folder can be', async () => {
    writeFileSync(cache(), '');

    expect(rule(await openCache({ MESHWRIGHT_CACHE: join(cache(), 'below') }))).toBe('cache-unusable');
  });
});

describe('the per-user configuration', () => {
  const file = () => join(folder, 'meshwright/config.yaml');
  const read = () => readOperatorConfig({ XDG_CONFIG_HOME: folder });
  beforeEach(() => {
    mkdirSync(join(folder, 'meshwright'));
  });

  it("is read when it is its owner's alone, and may be missing", async () => {
    expect(await read()).toMatchObject({ ok: true, value: undefined });
    writeFileSync(file(), 'github: {host: ghes.example.com}\n');
    expect(await read()).toMatchObject({ ok: true, value: { file: file() } });
  });

  it.each([0o666, 0o602])('is refused with mode %o', async (mode) => {
    writeFileSync(file(), 'github: {host: evil.example}\n');
    chmodSync(file(), mode);

    expect(rule(await read())).toBe('operator-config-not-private');
  });
});
