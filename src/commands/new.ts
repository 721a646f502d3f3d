import type { NamespaceEntry } from '../fleet/schema.ts';
import type { PlannedTarget } from '../model/bundle.ts';
import type { FleetTexts } from '../fleet/texts.ts';
import type { Fleet, Target } from '../model/fleet.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import {
  command,
  codeFor,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
  misuse,
  refusal,
} from './command.ts';
import { planningOf } from './checks.ts';
import { changedMeanwhile, writeFleet } from './edit-fleet.ts';
import { loadAll, type Loaded } from './load.ts';
import { openPullRequests } from './opening.ts';

import type { Outputs } from './outputs.ts';

type Then = 'write' | 'open' | 'print' | 'cancel';

export default command({
  id: 'new',
  summary: 'scaffold a namespace: asks what it cannot infer, shows the bundle, adds it to fleet.yaml',
  argument: { name: '[namespace]', help: 'name of the namespace (default: what the manifests say)' },
  options: [
    { flags: '--dir <checkout>', help: "checkout of the application's repository (default: this folder)" },
    { flags: '--repository <owner/name>', help: 'its repository (default: the remote "origin")' },
    { flags: '--path <path>', help: 'directory that Flux builds; {environment} is filled in' },
    {
      flags: '--answers <file>',
      help: 'answers as YAML: the keys of a namespace in fleet.yaml, and then: write, open or print; nothing is asked',
    },
  ],
  examples: ['meshwright new --dir ../shop', 'meshwright new payments --answers payments.yaml'],
  run: create,
});

async function create(input: Input, services: Services): Promise<Result<Outputs['new']>> {
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const directory = textOption(input, 'dir') ?? services.workingDirectory;
  const tree = await services.files.tree(directory);
  if (!tree.ok) return usage(tree.problems);
  const answers = await answersOf(input, services, loaded.value, tree.value, directory);
  if (!answers.ok) return usage(answers.problems);
  let result = await scaffold(answers.value, loaded.value, tree.value, directory, services);
  // Someone else wrote the fleet, or the checkout, since it was read: the same answers on what is there now.
  for (let tries = 1; result.again !== undefined && tries < maxTries; tries++) {
    const [fleet, now] = [await loadAll(input, services), await services.files.tree(directory)];
    if (!fleet.ok) return usage(fleet.problems);
    if (!now.ok) return usage(now.problems);
    const same = { entry: answers.value.entry, then: result.again };
    result = await scaffold(same, fleet.value, now.value, directory, services);
  }
  return result.result;
}

/** Whoever comes second each time has waited for someone who got on, so this many lose only to a crowd. */
const maxTries = 50;

/** A result, and what was to be done with the bundle when that must be tried again. */
interface Scaffolded {
  readonly result: Result<Outputs['new']>;
  readonly again?: Then;
}

interface Answers {
  readonly entry: NamespaceEntry;
  /** undefined: ask after the preview. */
  readonly then: Then | undefined;
}

async function answersOf(
  input: Input,
  services: Services,
  { fleet }: Loaded,
  tree: Tree,
  directory: string,
): Promise<Outcome<Answers>> {
  const file = textOption(input, 'answers');
  const namespace = input.names[0];
  const holds = namespace === undefined ? undefined : reservedFor(namespace, fleet.mesh);
  if (holds !== undefined)
    return failure(
      misuse(`Namespace "${namespace ?? ''}" holds ${holds}. It is not an application.`, 'Name another one.'),
    );
  if (file !== undefined) return readAnswers(file, namespace, fleet, services);
  if (!services.terminal.interactive)
    return failure(
      misuse('There is no terminal to ask questions on.', 'Give the answers with --answers FILE.'),
    );
  const { askNamespace } = await import('../flows/scaffold.ts');
  const repository = textOption(input, 'repository') ?? (await services.originOf(directory));
  const entry = await askNamespace(services.terminal, fleet, tree, {
    namespace,
    repository,
    path: textOption(input, 'path'),
  });
  return entry.ok ? success({ entry: entry.value, then: undefined }) : entry;
}

async function readAnswers(
  file: string,
  namespace: string | undefined,
  fleet: Fleet,
  services: Services,
): Promise<Outcome<Answers>> {
  const text = await services.files.readText(file);
  if (!text.ok) return text;
  const { parseAnswers } = await import('../fleet/answers.ts');
  const answers = parseAnswers(text.value, file, namespace, fleet.mesh);
  return answers.ok ? success({ entry: answers.value.entry, then: answers.value.then }) : answers;
}

async function scaffold(
  { entry, then }: Answers,
  loaded: Loaded,
  tree: Tree,
  directory: string,
  services: Services,
): Promise<Scaffolded> {
  const { addNamespace } = await import('../fleet/edit.ts');
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const added = addNamespace(loaded.texts, entry);
  if (!added.ok) return { result: usage(added.problems) };
  const fleet = loadFleetTexts(added.value);
  if (!fleet.ok) return { result: usage(fleet.problems) };
  const targets = fleet.value.targets.filter(
    (target) => target.kind === 'namespace' && target.namespace === entry.name && target.stage !== 'outside',
  );
  const { planApply } = await import('../flows/apply.ts');
  const { describePlans, plansAsJson } = await import('../report/targets.ts');
  const planning = await planningOf({ options: {} }, fleet.value, loaded.fleetFile);
  if (!planning.ok) return { result: usage(planning.problems) };
  const planned = await planApply(targets, loaded.templates, tree, undefined, planning.value);
  const problems = planned.flatMap((each) => each.problems);
  const text = describePlans(planned, services.colours);
  const json = { entry, ...plansAsJson(planned) };
  if (codeFor(problems) !== 0) return { result: { code: codeFor(problems), text, json, problems } };
  const declared = await describeFleetChange(loaded, added.value, services);
  const chosen = then ?? (await choose(services, `${declared}\n${text}`, problems));
  const done = {
    entry,
    texts: added.value,
    targets,
    planned,
    directory,
    loaded: { ...loaded, fleet: fleet.value },
  };
  if (chosen === 'write' || chosen === 'open') {
    const result =
      chosen === 'write' ? await write(done, json, problems, services) : await open(done, problems, services);
    const isChanged = result.problems.some(({ rule }) => rule === changedMeanwhile);
    return { result, ...(isChanged && { again: chosen }) };
  }
  // With answers from a file nothing was shown yet.
  return {
    result: {
      code: 0,
      reader: 'program',
      text: chosen === 'print' && then !== undefined ? `${declared}\n${text}` : '',
      json,
      problems,
      areProblemsShown: then === undefined,
    },
  };
}

async function describeFleetChange(loaded: Loaded, after: FleetTexts, services: Services): Promise<string> {
  const { describeDiffs } = await import('../report/diff.ts');
  const { changedFiles } = await import('../fleet/texts.ts');
  const changes = changedFiles(loaded.texts, after).flatMap(({ name, before, text }) => {
    const path = parseRepoPath(name);
    return path === undefined ? [] : [{ path, before, after: text }];
  });
  return changes.length === 0 ? '' : describeDiffs(changes, services.colours);
}

async function choose(services: Services, preview: string, problems: readonly Problem[]): Promise<Then> {
  const { describeProblems } = await import('../report/problems.ts');
  services.terminal.show(`\n${preview}\n${describeProblems(problems, services.colours)}\n`);
  return services.terminal.select<Then>({
    message: 'This is the bundle. What now?',
    choices: [
      { name: 'write', value: 'write', hint: 'into the checkout and fleet.yaml' },
      { name: 'open', value: 'open', hint: 'add to fleet.yaml and open the pull request' },
      { name: 'print', value: 'print', hint: 'leave everything as it is' },
      { name: 'cancel', value: 'cancel' },
    ],
  });
}

interface Done {
  readonly entry: NamespaceEntry;
  readonly texts: FleetTexts;
  readonly targets: readonly Target[];
  readonly planned: readonly PlannedTarget[];
  readonly directory: string;
  readonly loaded: Loaded;
}

async function write(
  done: Done,
  json: Outputs['new'],
  problems: readonly Problem[],
  services: Services,
): Promise<Result<Outputs['new']>> {
  const { fleetFile } = done.loaded;
  const changes = done.planned.flatMap(({ bundles }) => bundles.flatMap((bundle) => bundle.changes));
  const written = await services.files.write(done.directory, changes);
  // The fleet file comes last: a crash before it leaves a checkout that the same command finishes.
  const saved = written.ok ? await writeFleet(done.loaded.texts, done.texts, services) : written;
  if (!saved.ok)
    return { code: codeFor(saved.problems), text: '', json, problems: [...problems, ...saved.problems] };
  const names = done.targets.map(({ id }) => id).join(', ');
  return {
    code: 0,
    text: `Wrote ${String(changes.length)} ${changes.length === 1 ? 'file' : 'files'} in ${done.directory} and added ${names === '' ? 'the namespace' : names} to ${fleetFile}.\nNext: meshwright open ${names === '' ? 'NAMESPACE@ENVIRONMENT' : names.replaceAll(',', '')}\n`,
    json,
    problems,
  };
}

async function open(
  done: Done,
  problems: readonly Problem[],
  services: Services,
): Promise<Result<Outputs['new']>> {
  const { fleetFile, fleet, templates } = done.loaded;
  const forge = await services.forge(fleet.forge, fleetFile);
  if (!forge.ok) return usage(forge.problems);
  const saved = await writeFleet(done.loaded.texts, done.texts, services);
  if (!saved.ok) return refusal(saved.problems);
  const planning = await planningOf({ options: {} }, fleet, fleetFile, {
    forge: forge.value,
    templates,
  });
  if (!planning.ok) return usage(planning.problems);
  const opening = {
    templates,
    forge: forge.value,
    forgeSpec: fleet.forge,
    purpose: 'stage' as const,
    options: planning.value,
    atOnce: 1,
  };
  const opened = await openPullRequests(done.targets, opening, problems, services);
  return { ...opened, json: { entry: done.entry, ...opened.json }, text: `Added to ${fleetFile}.\n` };
}
