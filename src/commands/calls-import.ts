import type { FleetTexts } from '../fleet/texts.ts';
import type { ImportedCalls } from '../flows/import-calls.ts';
import { success, type Outcome } from '../model/problem.ts';
import { describeCall } from '../model/traffic.ts';
import {
  codeFor,
  command,
  isSet,
  misuse,
  refusal,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { editFleet } from './edit-fleet.ts';
import { loadAll, type Loaded } from './load.ts';
import { visible } from '../model/quoted.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'calls import',
  summary: 'declare calls from observed traffic or from manifests, as an edit of fleet.yaml to review',
  argument: {
    name: '[file]',
    help: "traffic that Prometheus, Kiali, Hubble, OpenTelemetry or Envoy recorded ('-': standard input)",
  },
  options: [
    {
      flags: '--scan',
      help: 'instead of a file: services named in the manifests of the fleet’s repositories',
    },
    {
      flags: '--write',
      help: 'write fleet.yaml; otherwise print the diff, and exit 1 if there is one',
    },
  ],
  examples: [
    'meshwright calls import kiali-graph.json',
    'meshwright calls import flows.jsonl --write',
    'meshwright calls import --scan',
  ],
  run: importCommand,
});

async function importCommand(input: Input, services: Services): Promise<Result<Outputs['calls import']>> {
  const [file] = input.names;
  const isScan = isSet(input, 'scan');
  if (isScan === (file !== undefined))
    return usage([
      isScan
        ? misuse('A file and --scan cannot be combined.', 'Import one after the other.')
        : misuse('No file was given.', 'Name a file, or - for standard input; or --scan.'),
    ]);
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleetFile, texts } = loaded.value;
  const imported =
    file === undefined
      ? await fromManifests(loaded.value, services)
      : await fromFile(file, loaded.value, services);
  if (!imported.ok) {
    const { problems } = imported;
    return file === undefined ? refusal(problems) : usage(problems);
  }
  const { added, seen, texts: after } = imported.value;
  const { importAsJson, describeImport } = await import('../report/calls.ts');
  const { changedFiles } = await import('../fleet/texts.ts');
  const json = importAsJson(seen, added);
  const problems = imported.problems;
  if (!isSet(input, 'write') || after === texts) {
    const printed = describeImport(changedFiles(texts, after), seen.length, services.colours);
    return { code: codeFor(problems, after !== texts), text: printed, json, problems };
  }
  const { declareFound } = await import('../flows/import-calls.ts');
  const declare = (before: FleetTexts): Outcome<FleetTexts> => {
    const edited = declareFound(before, imported.value);
    return edited.ok ? success(edited.value.texts, edited.problems) : edited;
  };
  const written = await editFleet(texts, declare, services);
  const stated = imported.value.observed.map(
    ({ namespace, service, received }) =>
      `  ${visible(`${namespace}/${service}`)}: ${String(received)} requests observed, all from declared callers\n`,
  );
  const lines = [...added.map((call) => `  ${visible(describeCall(call))}\n`), ...stated].join('');
  return {
    code: codeFor(written.problems),
    text: written.ok
      ? `Added ${String(added.length)} ${added.length === 1 ? 'call' : 'calls'} to ${fleetFile}:\n${lines}`
      : '',
    json,
    problems: [...problems, ...written.problems],
  };
}

async function fromFile(
  file: string,
  { fleet, texts }: Loaded,
  services: Services,
): Promise<Outcome<ImportedCalls>> {
  const text = await services.files.readText(file);
  if (!text.ok) return { ok: false, problems: text.problems };
  const { importCalls } = await import('../flows/import-calls.ts');
  return importCalls({ text: text.value, file }, fleet, texts);
}

async function fromManifests(
  { fleet, texts, fleetFile }: Loaded,
  services: Services,
): Promise<Outcome<ImportedCalls>> {
  const forge = await services.forge(fleet.forge, fleetFile);
  if (!forge.ok) return forge;
  const { scanFleet } = await import('../flows/scan-calls.ts');
  const { declareCalls } = await import('../flows/import-calls.ts');
  const scanned = await scanFleet(fleet, forge.value);
  if (!scanned.ok) return scanned;
  const declared = declareCalls(scanned.value, texts);
  const problems = [...scanned.problems, ...declared.problems];
  return declared.ok ? success(declared.value, problems) : { ok: false, problems };
}
