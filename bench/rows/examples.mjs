// Fleets with repositories on a forge: the examples, which this program was made quick on, and another one, which it was not.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { countsOf, described } from '../counted.mjs';
import { publish, writeFleetOf } from '../repositories.mjs';

const count = (number) => number.toLocaleString('en');

export function rows({ builds, isShort, measure, row, folder, forge }) {
  const { node, medianOf, seconds } = measure;
  /** One command line on its own copy of nothing: clones are there after the first run, which is not measured. */
  const compare = (what, args, { cwd, env, codes = [0, 1], times = isShort ? 1 : 3 }) => {
    const own = builds.map((_, index) => ({ ...env, MESHWRIGHT_CACHE: join(folder, `cache-${index}`) }));
    const counts = builds.map((cli, index) => countsOf([cli, ...args], { codes, cwd, env: own[index] }));
    const taken = builds.map(() => []);
    for (let time = 0; time < times; time++)
      builds.forEach((cli, index) =>
        taken[index].push(node([cli, ...args], { codes, cwd, env: own[index] })),
      );
    const middle = taken.map((all) => medianOf(times, (index) => all[index]));
    const ratio = middle.length > 1 ? `${(middle[1].seconds / middle[0].seconds).toFixed(1)} times; ` : '';
    row({
      what,
      figures: middle.map(
        (each, index) => `${seconds(each.seconds)}, ${each.peak.toFixed(0)} MiB; ${described(counts[index])}`,
      ),
      peer: 'none does it',
      note: `${ratio}${seconds(middle[0].wall)} by the clock`,
    });
  };

  const env = forge();
  const examples = { env, cwd: env.MESHWRIGHT_BENCH_CWD };
  compare('`diff` of one target of the examples', ['diff', 'bookinfo@lab'], examples);
  for (const name of ['diff', 'simulate'])
    compare(`\`${name} --all\` of the examples`, [name, '--all'], examples);

  const other = join(folder, 'other');
  mkdirSync(other);
  const size = isShort ? { targets: 6, repositories: 3 } : { targets: 30, repositories: 10 };
  publish(other, size);
  const unseen = { env, cwd: other };
  const of = `of another fleet, ${size.targets} targets in ${size.repositories} repositories`;
  compare(`\`diff\` of one target ${of}`, ['diff', 'team-1@lab'], unseen);
  for (const name of ['diff', 'simulate']) compare(`\`${name} --all\` ${of}`, [name, '--all'], unseen);

  const moved = join(folder, 'moved');
  mkdirSync(moved);
  const all = isShort ? { targets: 6, repositories: 3 } : { targets: 500, repositories: 100 };
  publish(moved, all, builds[0]);
  const due = { env, cwd: moved, codes: [0], times: 1 };
  const many = `of ${count(all.targets)} targets in ${count(all.repositories)} repositories`;
  compare(`\`upgrade --all --check\` ${many}, nothing due`, ['upgrade', '--all', '--check'], due);
  writeFleetOf(moved, all, 'canary');
  compare(`\`upgrade --all\` ${many}, all due`, ['upgrade', '--all'], { ...due, codes: [0, 1] });
}
