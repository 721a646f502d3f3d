// The example fleet on a forge of its own. Texts parsed, trees read and git processes are told where the CLI counts them.
export function rows({ builds, measure, row, forge }) {
  const { node, seconds } = measure;
  for (const [name, ...args] of [
    ['diff', '--all'],
    ['simulate', '--all'],
    ['upgrade', '--all', '--check'],
  ]) {
    const env = forge();
    const taken = builds.map((cli) =>
      node([cli, name, ...args], { codes: [0, 1], env, cwd: env.MESHWRIGHT_BENCH_CWD }),
    );
    row({
      what: `\`${[name, ...args].join(' ')}\` of the examples`,
      figures: taken.map((each) => `${seconds(each.seconds)}, ${seconds(each.wall)} by the clock`),
      peer: 'none does it',
      note: `${taken[0].peak.toFixed(0)} MiB peak`,
    });
  }
}
