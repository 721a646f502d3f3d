import { basename } from 'node:path';
import { describeCall } from '../model/traffic.ts';
import { codeFor, command, isSet, misuse, usage, type Input, type Result, type Services } from './command.ts';
import { loadAll } from './load.ts';

export default command({
  id: 'calls import',
  summary: 'declare calls that were seen: an edit of fleet.yaml to review',
  argument: {
    name: '<file>',
    help: "what Prometheus, Kiali, Hubble or OpenTelemetry saw ('-': standard input)",
  },
  options: [
    {
      flags: '--write',
      help: 'write it into fleet.yaml; otherwise print the diff, and exit 1 if there is one',
    },
  ],
  examples: ['meshwright calls import kiali-graph.json', 'meshwright calls import flows.jsonl --write'],
  run: importCommand,
});

async function importCommand(input: Input, services: Services): Promise<Result> {
  const [file] = input.names;
  if (file === undefined)
    return usage([misuse('No file was named.', 'Name a file, or - for standard input.')]);
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, fleetFile, fleetText } = loaded.value;
  const text = await services.files.readText(file);
  if (!text.ok) return usage(text.problems);
  const { importCalls } = await import('../flows/import-calls.ts');
  const imported = importCalls({ text: text.value, file }, fleet, fleetText, fleetFile);
  if (!imported.ok) return usage(imported.problems);
  const { added, seen, text: after } = imported.value;
  const { importAsJson, describeImport } = await import('../report/calls.ts');
  const { printable } = await import('../report/paint.ts');
  const path = basename(fleetFile);
  const json = importAsJson(seen, added, imported.problems);
  const problems = imported.problems;
  if (!isSet(input, 'write') || after === fleetText) {
    const printed = describeImport({ path, before: fleetText, after }, seen.length, services.colours);
    return { code: codeFor(problems, after !== fleetText), text: printed, json, problems };
  }
  const written = await services.files.writeText(fleetFile, after);
  const lines = added.map((call) => `  ${printable(describeCall(call))}\n`).join('');
  return {
    code: codeFor(written.problems),
    text: written.ok ? `${fleetFile} declares ${String(added.length)} more:\n${lines}` : '',
    json,
    problems: [...problems, ...written.problems],
  };
}
