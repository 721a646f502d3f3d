import type { FleetTexts } from '../fleet/texts.ts';
import type { WaveView } from '../flows/wave-view.ts';
import type { Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Progress } from '../model/waves.ts';
import { misuse, textOption, type Input, type Services } from './command.ts';
import { editFleet } from './edit-fleet.ts';
import { loadWithForge, type Loaded } from './load.ts';
import { maxSizeOf } from './wave-plan.ts';

export interface LoadedWave extends Loaded {
  readonly forge: Forge;
  /** Those asked for; without a selection, all. */
  readonly targets: readonly Target[];
  /** The one wave asked for. */
  readonly wave: string | undefined;
  readonly view: WaveView;
}

/** The fleet, and where all of it stands.
 *  @param parallel  how many moves of a wave may be under way at the same time */
export async function loadWave(
  input: Input,
  services: Services,
  parallel: number,
): Promise<Outcome<LoadedWave>> {
  const size = maxSizeOf(input);
  if (!size.ok) return size;
  const isNarrowed =
    input.names.length > 0 || ['environment', 'cluster'].some((name) => input.options[name] !== undefined);
  const options = isNarrowed ? input.options : { ...input.options, all: true };
  const loaded = await loadWithForge({ ...input, options }, services);
  if (!loaded.ok) return loaded;
  const { fleet, forge } = loaded.value;
  const { viewWaves } = await import('../flows/wave-view.ts');
  // Naming a target by its whole name is a person's word that it is to be tried again.
  const again = new Set(input.names.filter((name) => !name.includes('*')));
  const view = await viewWaves(fleet, forge, size.value, {
    gates: fleet.gates,
    now: services.now(),
    parallel,
    again,
  });
  const wave = textOption(input, 'wave');
  const known = new Set(view.steps.map(({ name }) => name));
  if (wave !== undefined && !known.has(wave))
    return failure(misuse(`The plan has no wave "${wave}".`, `Known: ${[...known].join(', ') || 'none'}.`));
  return success({ ...loaded.value, wave, view }, loaded.problems);
}

/** Writes into fleet.yaml how far things are, so that whatever reads it next starts from there.
 *  @param moves  what was opened now */
export async function declareStages(
  { fleet, fleetFile, texts }: Loaded,
  view: WaveView,
  moves: readonly Progress[],
  services: Services,
): Promise<{
  readonly changed: readonly string[];
  readonly text: string;
  readonly problems: readonly Problem[];
}> {
  const { stagesToDeclare } = await import('../flows/wave-open.ts');
  const { setMode, setStages } = await import('../fleet/edit.ts');
  const { namespaces, clusters } = stagesToDeclare(view, moves, fleet);
  const declare = (before: FleetTexts): Outcome<FleetTexts> => {
    let edited = setStages(before, namespaces);
    for (const cluster of clusters) if (edited.ok) edited = setMode(edited.value, cluster, 'strict');
    return edited;
  };
  const written = await editFleet(texts, declare, services);
  if (!written.ok) return { changed: [], text: '', problems: written.problems };
  if (written.value === texts) return { changed: [], text: '', problems: [] };
  const changed = [
    ...namespaces.map((each) => `${each.namespace}@${each.environment}`),
    ...clusters.map((each) => `cluster/${each}`),
  ];
  return {
    changed,
    text: `${fleetFile} now declares the current stages of ${String(changed.length)} ${changed.length === 1 ? 'target' : 'targets'}; commit it.\n`,
    problems: written.problems,
  };
}
