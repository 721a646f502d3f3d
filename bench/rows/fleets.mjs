// Large fleets: loading, rendering into a folder and planning waves, each as a process.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fleetOf, writeFleet } from '../fleets.mjs';

const program = fileURLToPath(new URL('../writing-program.mjs', import.meta.url));

export function rows({ builds, isShort, measure, row, folder }) {
  const { node, seconds } = measure;
  const thousands = (count) => count.toLocaleString('en');
  const count = isShort ? 500 : 10_000;
  const file = join(folder, 'one.yaml');
  writeFileSync(file, fleetOf(count));
  const one = builds.map((cli) => node([cli, 'render', 'shop-1@lab', '--stdout', '--fleet', file]));
  row({
    what: `load a fleet of ${thousands(count)}, render one, whole process`,
    figures: one.map((each) => seconds(each.seconds)),
    peer: 'none does it',
    note: `${one[0].peak.toFixed(0)} MiB peak`,
  });

  const out = join(folder, 'out');
  const filled = builds.map((cli) => {
    rmSync(out, { recursive: true, force: true });
    return node([cli, 'render', '--all', '--out', out, '--fleet', file]);
  });
  const { stdout } = spawnSync(process.execPath, [program, out, join(folder, 'written')], {
    encoding: 'utf8',
  });
  const written = JSON.parse(stdout);
  row({
    what: `\`render --all --out\` of ${thousands(count)}: ${thousands(written.files)} files`,
    figures: filled.map((each) => `${seconds(each.seconds)}, ${seconds(each.wall)} by the clock`),
    peer: `${seconds(written.seconds)}, ${seconds(written.wall)} by the clock (a program that only writes them)`,
    note: `${(filled[0].wall / written.wall).toFixed(1)} times by the clock; ${filled[0].peak.toFixed(0)} MiB peak`,
  });
  for (const each of [out, join(folder, 'written')]) rmSync(each, { recursive: true, force: true });
  const printed = builds.map((cli) => node([cli, 'render', '--all', '--stdout', '--fleet', file]));
  row({
    what: `\`render --all --stdout\` of ${thousands(count)}`,
    figures: printed.map((each) => seconds(each.seconds)),
    peer: 'none does it',
    note: `${printed[0].peak.toFixed(0)} MiB peak, ${(printed[0].size / 2 ** 20).toFixed(0)} MiB written`,
  });

  // Earlier builds know no include: they are not asked.
  for (const [command, sizes] of [
    [['wave', 'plan'], isShort ? [100] : [2000, 20_000]],
    [['render', '--all', '--out', out], isShort ? [1000] : [50_000]],
    [['render', 'shop-1@lab', '--stdout'], isShort ? [] : [50_000]],
  ])
    for (const size of sizes) {
      const own = join(folder, `fleet-${size}`);
      mkdirSync(own, { recursive: true });
      const taken = node([builds[0], ...command, '--fleet', writeFleet(own, size)], {
        codes: [0, 1],
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      row({
        what: `\`${command.slice(0, 2).join(' ')}\`, a fleet of ${thousands(size)} in ${thousands(Math.ceil(size / 1000))} files`,
        figures: [seconds(taken.seconds)],
        peer: 'none does it',
        note: `${taken.peak.toFixed(0)} MiB peak`,
      });
      for (const each of [out, own]) rmSync(each, { recursive: true, force: true });
    }
}
