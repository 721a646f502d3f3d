import { describe, expect, it } from 'vitest';
import { labAt, MeshWorld } from './mesh-world.ts';

interface Move {
  readonly target: string;
  readonly stage: string;
  readonly state: string;
  readonly reason?: string;
  readonly url?: string;
}

async function movesOf(world: MeshWorld, options = {}): Promise<readonly Move[]> {
  const { code, json } = await world.run('wave status', [], { environment: 'lab', ...options });
  expect(code).toBe(0);
  return (json as { moves: Move[] }).moves;
}

const said = (moves: readonly Move[]) =>
  moves.map(({ target, stage, state, reason }) =>
    [target, stage, state, ...(reason === undefined ? [] : [reason])].join(' '),
  );

describe('wave status', () => {
  it('says at the beginning that the clusters are next, and what everyone else waits for', async () => {
    expect(said(await movesOf(new MeshWorld())).slice(0, 4)).toEqual([
      'cluster/lab-eu-1 permissive next',
      'cluster/lab-eu-2 permissive next',
      'bookinfo@lab joined waiting until cluster/lab-eu-1 is permissive',
      'bookinfo@lab enforced waiting until cluster/lab-eu-1 is permissive',
    ]);
  });

  it('reads from the repositories alone how far everyone is', async () => {
    const world = new MeshWorld();
    await world.openAndMerge('cluster/lab-eu-1', 'cluster/lab-eu-2');
    await world.openAndMerge('bookinfo@lab');

    expect(said(await movesOf(world))).toEqual([
      'cluster/lab-eu-1 permissive done',
      'cluster/lab-eu-2 permissive done',
      'bookinfo@lab joined done',
      'bookinfo@lab enforced next',
      'online-boutique@lab joined waiting until bookinfo@lab is enforced',
      'online-boutique@lab enforced waiting until bookinfo@lab is enforced',
      'payments@lab joined waiting until bookinfo@lab is enforced',
      'payments@lab enforced waiting until bookinfo@lab is enforced',
      'cluster/lab-eu-1 strict waiting until bookinfo@lab is enforced',
      'cluster/lab-eu-2 strict waiting until bookinfo@lab is enforced',
    ]);
  });

  it('counts what is done, for people and for programs', async () => {
    const world = await labAt('enforced');
    await world.openAndMerge('cluster/lab-eu-2');

    const { text, json } = await world.run('wave status', [], { environment: 'lab' });

    expect(json).toMatchObject({ summary: { moves: 10, done: 8, open: 0, next: 2, waiting: 0 } });
    expect(text).toContain('8 of 10 moves done');
    expect(text).toMatch(/S\+4 lab STRICT\n {2}next +cluster\/lab-eu-1/);
  });

  it('answers for what can be read, and says what can not', async () => {
    const world = new MeshWorld();
    Reflect.deleteProperty(world.repositories, 'acme/payments');

    const { code, json, problems } = await world.run('wave status', [], { environment: 'lab' });

    expect(code).toBe(3);
    expect(problems).toMatchObject([{ rule: 'forge-not-found' }]);
    expect((json as { moves: Move[] }).moves.map(({ target }) => target)).not.toContain('payments@lab');
  });
});
