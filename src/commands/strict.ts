import type { FleetTexts } from '../fleet/texts.ts';
import type { ClusterTarget, Fleet, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import type { ObservedCalls } from '../model/waves.ts';
import {
  command,
  codeFor,
  isSet,
  refusal,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { overrideOption, planningOf } from './checks.ts';
import { findCluster } from './clusters.ts';
import { editFleet } from './edit-fleet.ts';
import { loadAll, type Loaded } from './load.ts';
import { openPullRequests } from './opening.ts';
import type { ResultsJson } from '../report/targets.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'strict',
  summary: 'refuse plaintext on a cluster, once every namespace on it is ready',
  argument: { name: '<cluster>', help: 'name of the cluster' },
  options: [
    {
      flags: '--evidence <file>',
      help: "Prometheus response about calls without mTLS ('-': standard input; docs/CLUSTERS.md has the query)",
    },
    { flags: '--check', help: 'only evaluate the gate; exit 1 while it is closed' },
    overrideOption,
  ],
  examples: ['meshwright strict lab-eu-1 --check', 'meshwright strict lab-eu-1 --evidence calls.json'],
  run: strict,
});

async function strict(input: Input, services: Services): Promise<Result<Outputs['strict']>> {
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, fleetFile, templates, problems } = loaded.value;
  const cluster = findCluster(fleet, input.names[0] ?? '');
  if (!cluster.ok) return usage(cluster.problems);
  const evidence = await readEvidenceFile(input, services);
  if (!evidence.ok) return usage(evidence.problems);
  const forge = await services.forge(fleet.forge, fleetFile);
  if (!forge.ok) return usage(forge.problems);
  const { evaluateGate } = await import('../flows/strict.ts');
  const { describeGate, gateAsJson } = await import('../report/gate.ts');
  const gate = await evaluateGate(cluster.value, fleet, templates, forge.value, {
    evidence: evidence.value,
    today: services.today(),
  });
  if (!gate.ok) return refusal(gate.problems);
  const text = describeGate(cluster.value.cluster, gate.value, services.colours);
  const json = gateAsJson(cluster.value.cluster, gate.value);
  if (!gate.value.isOpen) return { code: 1, text, json, problems: [...problems, ...gate.value.problems] };
  if (isSet(input, 'check')) return { code: 0, text, json, problems };
  services.progress(text.trimEnd());
  const opened = await openStrict(cluster.value, { ...loaded.value, forge: forge.value }, input, services);
  return { ...opened, json: opened.json === undefined ? undefined : { ...opened.json, gate: json } };
}

/** Opens the pull request of an open gate, and lets the fleet say so. */
async function openStrict(
  cluster: ClusterTarget,
  { fleet, fleetFile, texts, templates, problems, forge }: Loaded & { readonly forge: Forge },
  input: Input,
  services: Services,
): Promise<Result<ResultsJson>> {
  const { setMode } = await import('../fleet/edit.ts');
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const edited = setMode(texts, cluster.cluster, 'strict');
  if (!edited.ok) return usage(edited.problems);
  const next = loadFleetTexts(edited.value);
  if (!next.ok) return usage(next.problems);
  const planning = await planningOf(input, next.value, fleetFile, { forge, templates });
  if (!planning.ok) return usage(planning.problems);
  const opening = {
    templates,
    forge,
    forgeSpec: fleet.forge,
    purpose: 'stage' as const,
    options: planning.value,
    atOnce: 1,
    isGateOpen: true,
  };
  const result = await openPullRequests(flippedTargets(next.value, cluster), opening, problems, services);
  if (result.code !== 0 || edited.value === texts) return result;
  const declare = (before: FleetTexts) => setMode(before, cluster.cluster, 'strict');
  const written = await editFleet(texts, declare, services);
  return {
    ...result,
    code: codeFor(written.problems),
    text: `\n${fleetFile} now has mode: strict for ${cluster.cluster}; commit it.\n`,
    problems: [...result.problems, ...written.problems],
  };
}

async function readEvidenceFile(
  input: Input,
  services: Services,
): Promise<Outcome<readonly ObservedCalls[] | undefined>> {
  const file = textOption(input, 'evidence');
  if (file === undefined) return success(undefined);
  const text = await services.files.readText(file);
  if (!text.ok) return text;
  const { readEvidence } = await import('../waves/evidence.ts');
  return readEvidence(text.value, file);
}

/** The exceptions of exempted namespaces come before the cluster's own pull request, so that they lose no call. */
function flippedTargets(fleet: Fleet, { id, environment }: ClusterTarget): readonly Target[] {
  const exceptions = fleet.targets.filter(
    (target) =>
      target.kind === 'namespace' && target.environment === environment && target.stage === 'joined',
  );
  return [...exceptions, ...fleet.targets.filter((target) => target.id === id)];
}
