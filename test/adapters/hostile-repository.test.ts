import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalForge } from '../../src/adapters/local-forge.ts';
import { bareRepository, git } from './harness/bare-repository.ts';
import { visit } from './harness/visit.ts';

let folder: string;
let bare: string;
let trap: string;
let marker: string;
const files = { 'deploy/app.yaml': 'kind: Deployment\n', '.gitattributes': '* filter=evil diff=evil\n' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-hostile-'));
  bare = bareRepository(folder, files);
  marker = join(folder, 'marker');
  trap = join(folder, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\nenv > '${marker}'\ncat > /dev/null 2>&1 < /dev/null\nexit 0\n`);
  chmodSync(trap, 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const forge = () =>
  createLocalForge({ directory: join(folder, 'forge'), cacheDirectory: join(folder, 'cache') });
const configure = (text: string) => {
  appendFileSync(join(bare, 'config'), text.replaceAll('TRAP', trap));
};
const hooks = [
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'reference-transaction',
  'proc-receive',
  'push-to-checkout',
  'pre-push',
  'pre-auto-gc',
  'post-index-change',
  'fsmonitor-watchman',
];
function hookInto(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const hook of hooks) symlinkSync(trap, join(directory, hook));
}

/** A commit that says it is signed, on main. */
function sign(): void {
  const commit = git(bare, 'cat-file', 'commit', 'main').replace(
    '\n\n',
    '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\n',
  );
  const file = join(folder, 'commit');
  writeFileSync(file, commit);
  git(bare, 'update-ref', 'refs/heads/main', git(bare, 'hash-object', '-t', 'commit', '-w', file).trim());
}

const traps: Readonly<Record<string, () => void>> = {
  'hooks in its own folder': () => {
    rmSync(join(bare, 'hooks'), { recursive: true });
    hookInto(join(bare, 'hooks'));
    configure('[receive]\n\tprocReceiveRefs = refs/heads\n');
  },
  'hooks in a folder that its configuration names': () => {
    hookInto(join(folder, 'hooks'));
    configure(`[core]\n\thooksPath = ${join(folder, 'hooks')}\n`);
  },
  'a file that its configuration includes': () => {
    hookInto(join(folder, 'hooks'));
    writeFileSync(
      join(bare, 'more'),
      `[core]\n\thooksPath = ${join(folder, 'hooks')}\n\tfsmonitor = ${trap}\n`,
    );
    configure('[include]\n\tpath = more\n[includeIf "gitdir:/"]\n\tpath = more\n');
  },
  'programs for the transport': () => {
    configure(
      '[uploadpack]\n\tpackObjectsHook = TRAP\n[core]\n\tsshCommand = TRAP\n\tgitProxy = TRAP\n\taskPass = TRAP\n[credential]\n\thelper = !TRAP\n[url "ext::TRAP"]\n\tinsteadOf = file\n[remote "origin"]\n\tuploadpack = TRAP\n\treceivepack = TRAP\n',
    );
  },
  'programs for looking at commits': () => {
    sign();
    configure(
      '[log]\n\tshowSignature = true\n[gpg]\n\tprogram = TRAP\n[core]\n\tpager = TRAP\n\teditor = TRAP\n[pager]\n\tlog = TRAP\n\trev-list = TRAP\n\tfor-each-ref = TRAP\n[diff]\n\texternal = TRAP\n[diff "evil"]\n\ttextconv = TRAP\n\tcommand = TRAP\n[alias]\n\tlog = !TRAP\n\tupload-pack = !TRAP\n\treceive-pack = !TRAP\n',
    );
  },
  'filters and a folder to check out to': () => {
    mkdirSync(join(folder, 'tree'));
    writeFileSync(join(bare, 'info/attributes'), '* filter=evil\n');
    configure(
      `[core]\n\tbare = false\n\tworktree = ${join(folder, 'tree')}\n\tfsmonitor = TRAP\n[receive]\n\tdenyCurrentBranch = updateInstead\n[filter "evil"]\n\tsmudge = TRAP\n\tclean = TRAP\n\tprocess = TRAP\n`,
    );
  },
  'maintenance after a push': () => {
    configure(
      '[gc]\n\tauto = 1\n\trecentObjectsHook = TRAP\n[receive]\n\tautogc = true\n[maintenance]\n\tauto = true\n',
    );
  },
};

describe('a repository that anyone may have written runs nothing:', () => {
  it.each(Object.keys(traps))('%s', async (name) => {
    traps[name]?.();

    const first = await visit(forge());
    const second = await visit(forge(), true);

    expect(existsSync(marker)).toBe(false);
    expect([...first.problems, ...second.problems]).toEqual([]);
    expect([first.outcome, second.outcome]).toEqual(['opened', 'unchanged']);
    expect(first.files).toEqual(files);
    expect(readdirSync(folder)).not.toContain('tree/deploy');
  });

  it('all of that together', async () => {
    hookInto(join(folder, 'hooks'));
    for (const [name, arm] of Object.entries(traps))
      if (!name.startsWith('hooks in a') && !name.startsWith('a file')) arm();

    // Arming them runs git there.
    rmSync(marker, { force: true });

    await visit(forge(), true);

    expect(existsSync(marker)).toBe(false);
  });

  it('a remote that promises what is missing is not asked, and the run says what is missing', async () => {
    const blob = git(bare, 'rev-parse', 'main:deploy/app.yaml').trim();
    unlinkSync(join(bare, 'objects', blob.slice(0, 2), blob.slice(2)));
    configure(
      '[remote "evil"]\n\turl = "ext::TRAP %S"\n\tpromisor = true\n\tpartialclonefilter = blob:none\n[extensions]\n\tpartialClone = evil\n[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n',
    );

    const { problems } = await visit(forge());

    expect(existsSync(marker)).toBe(false);
    expect(problems.map(({ rule }) => rule)).toContain('forge-git');
  });

  it('borrowed objects are refused, and the command that finds what others have is not run', async () => {
    mkdirSync(join(bare, 'objects/info'), { recursive: true });
    writeFileSync(join(bare, 'objects/info/alternates'), `${join(folder, 'checkout/.git/objects')}\n`);
    configure('[core]\n\talternateRefsCommand = TRAP\n');

    const { problems, outcome } = await visit(forge());

    expect(existsSync(marker)).toBe(false);
    expect(outcome).toBeUndefined();
    expect(problems[0]?.message).toContain('it borrows objects from another folder');
  });

  it.each<[string, (other: string) => void]>([
    [
      'its refs',
      (other) => {
        rmSync(join(bare, 'refs/heads'), { recursive: true });
        symlinkSync(other, join(bare, 'refs/heads'));
      },
    ],
    [
      'its objects',
      (other) => {
        rmSync(join(bare, 'objects/pack'), { recursive: true, force: true });
        symlinkSync(other, join(bare, 'objects/pack'));
      },
    ],
    [
      'all of it',
      (other) => {
        rmSync(bare, { recursive: true });
        git(folder, 'clone', '--quiet', '--bare', 'checkout', join(other, 'shop.git'));
        symlinkSync(join(other, 'shop.git'), bare);
      },
    ],
  ])('nothing is read or written through a link in place of %s', async (_, link) => {
    const other = join(folder, 'elsewhere');
    mkdirSync(other);
    link(other);
    const before = readdirSync(other, { recursive: true }).sort();

    const { problems, outcome } = await visit(forge());

    expect(outcome).toBeUndefined();
    expect(problems[0]?.message).toMatch(/is a link/);
    expect(readdirSync(other, { recursive: true }).sort()).toEqual(before);
  });

  it('the traps are armed: git itself, run there, springs them', () => {
    traps['hooks in its own folder']?.();

    git(join(folder, 'checkout'), 'push', '--quiet', 'origin', 'HEAD:refs/tags/x');

    expect(existsSync(marker)).toBe(true);
  });
});
