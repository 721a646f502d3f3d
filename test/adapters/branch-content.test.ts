import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { templatesWith } from '../fakes/templates.ts';
import { alice, LocalWorld, ours } from './local-world.ts';

const branch = 'meshwright/shop@lab.joined';
const overlay = 'deploy/overlays/lab';
let world: LocalWorld;

beforeEach(() => {
  world = new LocalWorld();
});
afterEach(() => {
  world.remove();
});

/** The message of the commit that Meshwright itself made. */
const ownMessage = () => world.at('log', '-1', '--format=%B', branch);
const checkoutPath = (path: string) => join(world.folder, 'checkout', path);

/** Changes of the branch's content that someone makes, whatever they say of themselves. */
const changes: readonly (readonly [string, () => unknown])[] = [
  [
    'a file beside the bundle',
    () => {
      world.write(`${overlay}/allow-all.yaml`, 'kind: AuthorizationPolicy\n');
    },
  ],
  [
    'other text in a generated file',
    () => {
      world.write(
        `${overlay}/istio-sidecar.yaml`,
        world.read(`${overlay}/istio-sidecar.yaml`).replace('- ./*', '- legacy/*'),
      );
    },
  ],
  [
    'another resource in the kustomization',
    () => {
      world.write(
        `${overlay}/kustomization.yaml`,
        world.read(`${overlay}/kustomization.yaml`).replace('resources:', 'resources:\n- ../../else'),
      );
    },
  ],
  [
    'a generated file gone',
    () => {
      rmSync(checkoutPath(`${overlay}/istio-sidecar.yaml`));
    },
  ],
  [
    'a generated file made executable',
    () => {
      chmodSync(checkoutPath(`${overlay}/istio-sidecar.yaml`), 0o755);
    },
  ],
  [
    'a link in place of a generated file',
    () => {
      rmSync(checkoutPath(`${overlay}/istio-sidecar.yaml`));
      symlinkSync('/etc/passwd', checkoutPath(`${overlay}/istio-sidecar.yaml`));
    },
  ],
  ['a submodule beside the bundle', () => 'deploy/sub'],
  [
    'a binary file',
    () => {
      world.write('deploy/logo.bin', '\0\u{1}\0');
    },
  ],
];

/** Makes one of the changes in a commit that says it is ours. */
function make(change: () => unknown, message: string): void {
  const submodule = change();
  world.commit(message, ours, typeof submodule === 'string' ? submodule : undefined);
}

describe('a branch that is not what Meshwright generated, though its commits say so', () => {
  it.each(changes)('is refused and left as it is: %s', async (_, change) => {
    await world.open();
    const message = ownMessage();
    world.checkout(branch);
    world.git('reset', '--quiet', '--soft', 'origin/main');
    make(change, message);
    world.push(branch);
    const before = world.at('rev-parse', branch);
    for (const { url } of await world.pulls()) rmSync(url);

    const result = await world.open();

    expect(result).toMatchObject({ outcome: 'refused' });
    expect(result.problems.map(({ rule }) => rule)).toContain('branch-of-others');
    expect(world.at('rev-parse', branch)).toBe(before);
    expect(await world.pulls()).toEqual([]);
  });

  it('is refused when it holds nothing of the bundle at all, with its pull request open', async () => {
    await world.open();
    const message = ownMessage();
    const [pull] = await world.pulls();
    world.checkout('main');
    world.write('README.md', 'something else\n');
    world.commit(message, ours);
    world.push(branch);
    const before = world.at('rev-parse', branch);

    const result = await world.open();

    expect(result.outcome).toBe('refused');
    expect(result.reason).toContain(`The branch ${branch} (${pull?.url ?? ''})`);
    expect(world.at('rev-parse', branch)).toBe(before);
  });

  it('starts anew once someone has deleted it', async () => {
    world.checkout('main');
    world.write('README.md', 'something else\n');
    world.commit('x\n\nMeshwright-Target: shop@lab joined\n', ours);
    world.push(branch);
    expect((await world.open()).outcome).toBe('refused');
    world.at('update-ref', '-d', `refs/heads/${branch}`);

    expect((await world.open()).outcome).toBe('opened');
  });
});

describe('commits that go on where a bundle began', () => {
  it.each(changes)('stay, and are named in the result and the text: %s', async (_, change) => {
    await world.open();
    const message = ownMessage();
    world.checkout(branch);
    make(change, message);
    world.push(branch);
    const theirs = world.at('rev-parse', branch);

    const result = await world.open();

    expect(world.at('merge-base', '--is-ancestor', theirs, branch)).toBe('');
    // Where a plan on top of theirs can't be made, nothing is.
    if (result.outcome === 'refused') {
      expect(world.at('rev-parse', branch)).toBe(theirs);
      return;
    }
    expect(result.problems.map(({ rule }) => rule)).toContain('branch-changed-by-others');
    const [pull] = await world.pulls();
    expect(pull?.body).toContain('also contains changes that Meshwright did not generate');
  });
});

describe('a branch that changes just what the bundle does', () => {
  /** Someone gives the branch another history. */
  const histories: readonly (readonly [string, () => void])[] = [
    [
      'squashed and signed off by a person',
      () => {
        world.checkout(branch);
        world.git('reset', '--quiet', '--soft', 'origin/main');
        world.commit('Join the mesh\n\nSigned-off-by: Alice', alice);
      },
    ],
    [
      'rebased by a person',
      () => {
        moveBase();
        world.checkout(branch);
        const who = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com'];
        world.git(...who, 'rebase', '--quiet', 'origin/main');
      },
    ],
    [
      'brought up to date by a merge of the base branch',
      () => {
        moveBase();
        world.checkout(branch);
        const who = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com'];
        world.git(...who, 'merge', '--quiet', '--no-edit', 'origin/main');
      },
    ],
    [
      'made and taken back again',
      () => {
        world.checkout(branch);
        world.write('README.md', 'x\n');
        world.commit('x', alice);
        rmSync(checkoutPath('README.md'));
        world.commit('not x', alice);
      },
    ],
  ];

  it.each(histories)('is up to date, and later keeps those commits: %s', async (_, change) => {
    await world.open();
    change();
    world.push(branch);
    const theirs = world.at('rev-parse', branch);

    const same = await world.open();
    world.revision = 'canary';
    const changed = await world.open();

    expect(same).toMatchObject({ outcome: 'unchanged', problems: [] });
    expect(changed.outcome).toBe('updated');
    expect(changed.problems.map(({ rule }) => rule)).not.toContain('branch-changed-by-others');
    expect(world.at('rev-parse', `${branch}^`)).toBe(theirs);
    expect(world.at('rev-parse', `${branch}^{tree}`)).toBe(await freshTree());
  });

  it('gets its pull request, whoever pushed it', async () => {
    await world.open();
    world.checkout(branch);
    world.git('reset', '--quiet', '--soft', 'origin/main');
    world.commit('By hand', alice);
    world.push(branch);
    const theirs = world.at('rev-parse', branch);
    for (const { url } of await world.pulls()) rmSync(url);

    expect(await world.open()).toMatchObject({ outcome: 'opened', problems: [] });
    expect(world.at('rev-parse', branch)).toBe(theirs);
  });

  it('is not believed when a merge takes back what the base branch has since', async () => {
    await world.open();
    moveBase();
    world.checkout(branch);
    // Its second parent is an old commit of the base branch, so that the difference to that one is the bundle alone.
    const [tree, head, first] = [
      world.at('rev-parse', `${branch}^{tree}`),
      world.at('rev-parse', branch),
      world.at('rev-parse', 'main'),
    ];
    moveBase();
    const who = ['-c', `user.name=${ours.name}`, '-c', `user.email=${ours.email}`];
    const forged = world.git(...who, 'commit-tree', tree, '-p', head, '-p', first, '-m', ownMessage());
    world.git('reset', '--quiet', '--hard', forged);
    world.push(branch);

    const result = await world.open();

    expect(result.problems.map(({ rule }) => rule)).toContain('branch-changed-by-others');
    expect(world.at('merge-base', '--is-ancestor', forged, branch)).toBe('');
  });
});

let moves = 0;

/** Someone merges something else into the base branch. */
function moveBase(): void {
  world.checkout('main');
  world.write(`docs/${String(++moves)}.md`, 'news\n');
  world.commit('news', alice);
  world.push('main');
  world.git('fetch', '--quiet', 'origin');
}

/** What Meshwright makes of the base branch as it is when there is no branch yet. */
async function freshTree(): Promise<string> {
  const fresh = new LocalWorld();
  try {
    for (const path of world.at('ls-tree', '-r', '--name-only', 'main').split('\n'))
      fresh.write(path, `${world.at('show', `main:${path}`)}\n`);
    fresh.commit('same', alice);
    fresh.push('main');
    Object.assign(fresh, {
      revision: world.revision,
      stage: world.stage,
      templates: world.templates,
    });
    await fresh.open();
    return fresh.at('rev-parse', `${branch}^{tree}`);
  } finally {
    fresh.remove();
  }
}

describe('a branch of an earlier run', () => {
  it('is made anew, in one commit, for whatever has changed since', async () => {
    await world.open();
    const steps: readonly (readonly [string, () => void])[] = [
      ['the fleet', () => (world.revision = 'canary')],
      [
        'the templates',
        () =>
          (world.templates = templatesWith({
            'namespace/istio-sidecar.yaml.hbs': (text) => `# Another remark.\n${text}`,
          })),
      ],
      [
        'a file that the bundle edits',
        () => {
          world.checkout('main');
          const file = `${overlay}/kustomization.yaml`;
          world.write(
            file,
            world.read(file).replace('resources:', 'commonAnnotations: {team: shop}\nresources:'),
          );
          world.commit('owners', alice);
          world.push('main');
        },
      ],
      [
        'both at once',
        () => {
          world.revision = 'stable';
          moveBase();
        },
      ],
    ];
    for (const [what, step] of steps) {
      step();

      const result = await world.open();

      expect(result, what).toMatchObject({ outcome: 'updated', problems: [] });
      expect(world.at('rev-list', '--count', `main..${branch}`), what).toBe('1');
      expect(world.at('rev-parse', `${branch}^{tree}`), what).toBe(await freshTree());
      expect((await world.open()).outcome, what).toBe('unchanged');
    }
    expect(await world.pulls()).toHaveLength(1);
  });

  it('is left alone when only the base branch moved elsewhere', async () => {
    await world.open();
    const before = world.at('rev-parse', branch);
    moveBase();

    expect((await world.open()).outcome).toBe('unchanged');
    expect(world.at('rev-parse', branch)).toBe(before);
  });
});
