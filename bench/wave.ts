// A wave of 500 targets over 200 repositories, by the built CLI, on git's own server and the end-to-end suite's GitHub API on
// loopback. Prints rows for docs/PERFORMANCE.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { leastSecondsToClose, worldWithLimits } from '../test/e2e/harness/limited-world.ts';
import { WaveWorld } from '../test/e2e/harness/wave-world.ts';

/** 100 repositories with four namespaces, 100 with one. */
const sizes = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 4 : 1));
const parallel = ['wave', 'open', '--parallel', '500'];
const report = `data:text/javascript,${encodeURIComponent("process.on('exit', () => process.stderr.write('PEAK ' + process.resourceUsage().maxRSS + '\\n'))")}`;

/** An Enterprise Server without limits: what the engine itself takes. */
const unlimited =
  'limits: {secondsBetweenWrites: 0, creationsPerMinute: 10000, creationsPerHour: 100000, pointsPerMinute: 1000000}';

async function measure(world: WaveWorld, what: string, args: readonly string[]): Promise<void> {
  const before = world.plan.seen.length;
  const start = performance.now();
  const run = await world.spawn(args, { NODE_OPTIONS: `--import=${report}` }).end;
  const seconds = (performance.now() - start) / 1000;
  if (run.code !== 0) throw new Error(run.stderr.slice(-2000));
  const seen = world.plan.seen.slice(before);
  const count = (pattern: RegExp) => seen.filter((name) => pattern.test(name)).length;
  const graphql = count(/graphql/);
  const git = count(/^git /);
  const rest = seen.length - graphql - git;
  const peak = Number(/PEAK (\d+)/.exec(run.stderr)?.[1] ?? 0) / 1024;
  const perTarget = (number: number) => (number / world.namespaces.length).toFixed(2);
  process.stdout.write(
    `| ${what} | ${seconds.toFixed(1)} s | | ${perTarget(rest)} REST, ${perTarget(graphql)} GraphQL, ${perTarget(git)} git requests a target; ${peak.toFixed(0)} MiB peak |\n`,
  );
}

test.each([0, 50])('a wave of 500 with %i ms of latency', async (latency) => {
  const world = new WaveWorld(sizes);
  await world.start(latency);
  const fleet = readFileSync(world.fleetFile, 'utf8');
  writeFileSync(world.fleetFile, fleet.replace(/limits: .*/, unlimited));
  const more = latency === 0 ? '' : `, ${String(latency)} ms of latency`;
  await measure(world, `\`wave open\`, 500 targets, 200 repositories, first run${more}`, parallel);
  await measure(world, `the same again, nothing to do${more}`, parallel);
  await measure(world, `\`wave status\`${more}`, ['wave', 'status']);
  if (world.github.pulls.length !== 500)
    throw new Error(`${String(world.github.pulls.length)} pull requests`);
  await world.stop();
});

test('the state of 2,000 targets over 800 repositories', async () => {
  const world = new WaveWorld(Array.from({ length: 800 }, (_, index) => (index % 2 === 0 ? 4 : 1)));
  await world.start(50);
  await measure(world, '`wave status`, 2,000 targets, 800 repositories, 50 ms of latency', [
    'wave',
    'status',
  ]);
  await world.stop();
});

test('520 comments on a GitHub that enforces its documented limits, by the clock of the world', async () => {
  const { world, limits, seconds } = await worldWithLimits(520, '');
  const { code } = await world.run('wave close', [], { all: true, reason: 'freeze' });
  if (code !== 0) throw new Error('not all of them were closed');
  const least = leastSecondsToClose(520);
  process.stdout.write(
    `| \`wave close\`, 520 pull requests, GitHub's documented limits enforced | ${seconds().toFixed(0)} s simulated | ${String(least)} s (the least that the limits allow) | ${(seconds() / least).toFixed(3)} times; ${String(limits.refusals.length)} requests refused |\n`,
  );
  await world.stop();
});
