import {
  codeFor,
  command,
  isSet,
  misuse,
  textOption,
  usage,
  type Input,
  type Option,
  type Result,
  type Services,
} from './command.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { loadAll } from './load.ts';

export const sizeOption: Option = {
  flags: '--max-size <number>',
  help: 'most namespaces in a wave (default: 10); namespaces that call each other in a cycle stay together',
};

/** A matrix has at most 256 jobs.
 *  @see https://docs.github.com/en/actions/reference/limits */
function shardsOf(input: Input): Outcome<number> {
  const shards = textOption(input, 'shards') ?? '1';
  if (/^[1-9][0-9]{0,2}$/.test(shards) && Number(shards) <= 256) return success(Number(shards));
  return failure(misuse(`"${shards}" is not a valid number of shards.`, 'Use a number from 1 to 256.'));
}

/** The `--max-size` of a command line. */
export function maxSizeOf(input: Input): Outcome<number> {
  const size = textOption(input, 'maxSize') ?? '10';
  if (/^[1-9][0-9]{0,4}$/.test(size)) return success(Number(size));
  return failure(misuse(`"${size}" is not a valid wave size.`, 'Use a number from 1 to 99999.'));
}
import type { Outputs } from './outputs.ts';

export default command({
  id: 'wave plan',
  summary: 'order the fleet into waves in which no declared call breaks, and say why',
  options: [
    sizeOption,
    { flags: '--yaml', help: 'print the waves section to commit into fleet.yaml' },
    { flags: '--mermaid', help: 'print a Gantt chart in Mermaid' },
    {
      flags: '--shards <number>',
      help: 'with --json: parts of the fleet in "matrix", for jobs that share the work (default: 1)',
    },
    { flags: '--start <date>', help: 'first day of the Gantt chart, 2026-12-01 (default: today)' },
  ],
  examples: [
    'meshwright wave plan',
    'meshwright wave plan --max-size 5 --yaml >> fleet.yaml',
    'meshwright wave plan --mermaid --start 2026-12-01',
    'meshwright wave plan --json --shards 4 | jq -c .matrix',
  ],
  run: plan,
});

async function plan(input: Input, services: Services): Promise<Result<Outputs['wave plan']>> {
  const size = maxSizeOf(input);
  if (!size.ok) return usage(size.problems);
  const shards = shardsOf(input);
  if (!shards.ok) return usage(shards.problems);
  const start = textOption(input, 'start') ?? services.today();
  if (!/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(start))
    return usage([misuse(`"${start}" is not a valid date.`, 'Write it as 2026-12-01.')]);
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { planFleetWaves } = await import('../flows/wave-plan.ts');
  const { describeWaves, wavesAsMermaid, wavesAsYaml } = await import('../report/waves.ts');
  const { problemsOfProof, provePlan } = await import('../flows/prove-plan.ts');
  const { fleet, fleetFile, templates } = loaded.value;
  const { waves, steps } = planFleetWaves(fleet, size.value);
  const proof = provePlan(fleet, steps, templates, fleetFile);
  const text = isSet(input, 'yaml')
    ? wavesAsYaml(waves)
    : isSet(input, 'mermaid')
      ? wavesAsMermaid(steps, start)
      : describeWaves(waves, steps, proof, services.colours);
  const { busyShards } = await import('../fleet/shard.ts');
  const repositories = fleet.targets.map(({ repository }) => repository);
  const matrix = { shard: busyShards(repositories, shards.value) };
  const problems = [...loaded.value.problems, ...problemsOfProof(proof)];
  const reader = isSet(input, 'yaml') || isSet(input, 'mermaid') ? 'program' : 'person';
  return { code: codeFor(problems), text, reader, json: { waves, steps, proof, matrix }, problems };
}
