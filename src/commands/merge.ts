import type { Conflict, Merged } from '../model/merge.ts';
import type { Outcome } from '../model/problem.ts';
import {
  command,
  isSet,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
  misuse,
} from './command.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'merge',
  summary: 'merge three versions of a Kubernetes YAML file, field by field; also a git merge driver',
  argument: { name: '[file...]', help: 'BASE OURS THEIRS' },
  options: [
    { flags: '--output <file>', help: 'where the result goes (default: standard output)' },
    { flags: '--name <path>', help: 'what the file is called in messages (default: OURS)' },
    { flags: '--install-driver', help: 'make git use this command for YAML files in the current repository' },
  ],
  examples: [
    'meshwright merge base.yaml ours.yaml theirs.yaml --output merged.yaml',
    'meshwright merge --install-driver',
  ],
  run: merge,
});

async function merge(input: Input, services: Services): Promise<Result<Outputs['merge']>> {
  if (isSet(input, 'installDriver')) return installDriver(input, services);
  const [base, ours, theirs, ...more] = input.names;
  if (base === undefined || ours === undefined || theirs === undefined || more.length > 0)
    return usage([
      misuse(`merge takes three files, but got ${String(input.names.length)}.`, 'Name BASE OURS THEIRS.'),
    ]);
  const texts: string[] = [];
  for (const name of [base, ours, theirs]) {
    const text = await services.files.readText(name);
    if (!text.ok) return usage(text.problems);
    texts.push(text.value);
  }
  const { mergeYaml } = await import('../merge/merge.ts');
  const name = textOption(input, 'name') ?? ours;
  const [was = '', mine = '', other = ''] = texts;
  const merged = mergeYaml({ base: was, ours: mine, theirs: other }, name, 'people');
  return finished(merged, textOption(input, 'output'), services);
}

/** Without a merge nothing is written, so git, told so by the exit code, leaves the file in conflict. */
async function finished(
  merged: Outcome<Merged>,
  output: string | undefined,
  services: Services,
): Promise<Result<Outputs['merge']>> {
  if (!merged.ok) return usage(merged.problems);
  const { text, conflicts } = merged.value;
  const { conflictProblem } = await import('../bundle/conflict.ts');
  const problems = conflicts.map((conflict: Conflict) => conflictProblem(conflict));
  const code = conflicts.length > 0 ? 1 : 0;
  const json = { text, conflicts };
  if (output === undefined) return { code, text, json, problems };
  const written = await services.files.writeText(output, text);
  if (!written.ok) return { code: 3, text: '', json, problems: [...problems, ...written.problems] };
  return { code, text: '', json, problems };
}

async function installDriver(input: Input, services: Services): Promise<Result<Outputs['merge']>> {
  if (input.names.length > 0)
    return usage([misuse('--install-driver takes no files.', 'Run it inside the repository.')]);
  const installed = await services.installMergeDriver(services.workingDirectory);
  if (!installed.ok) return usage(installed.problems);
  const { attributes, command: line } = installed.value;
  return {
    code: 0,
    text: `git merges *.yaml and *.yml of this repository with: ${line}\n${attributes} names the driver; it applies to this clone only.\n`,
    json: installed.value,
    problems: [],
  };
}
