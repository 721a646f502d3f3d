import type { TemplateSet } from '../model/bundle.ts';
import type { Fleet, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { isSet, textOption, type Input, type Services } from './command.ts';
import { dirname, join } from 'node:path';

export interface Loaded {
  readonly fleet: Fleet;
  readonly fleetFile: string;
  readonly fleetText: string;
  readonly templates: TemplateSet;
  /** Warnings of the fleet file. */
  readonly problems: readonly Problem[];
}

/** The fleet file of `--fleet`, or the nearest one, and the templates it asks for. */
export async function loadAll(input: Input, services: Services): Promise<Outcome<Loaded>> {
  const fleetFile = textOption(input, 'fleet') ?? (await services.findFleet());
  if (fleetFile === undefined)
    return failure({
      rule: 'fleet-not-found',
      severity: 'error',
      message: 'There is no fleet.yaml in this folder or above.',
      fix: 'Write one with meshwright init, or name one with --fleet FILE.',
    });
  const text = await services.files.readText(fleetFile);
  if (!text.ok) return text;
  const { loadFleet } = await import('../fleet/load.ts');
  const fleet = loadFleet(text.value, fleetFile);
  if (!fleet.ok) return fleet;
  const override = fleet.value.templates;
  const templates = await services.templates(
    override === undefined ? undefined : join(dirname(fleetFile), override),
  );
  if (!templates.ok) return templates;
  return success({
    fleet: fleet.value,
    fleetFile,
    fleetText: text.value,
    templates: templates.value,
    problems: fleet.problems,
  });
}

/** The targets that were asked for, with all they need. */
export async function loadTargets(
  input: Input,
  services: Services,
): Promise<Outcome<Loaded & { readonly targets: readonly Target[] }>> {
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return loaded;
  const { selectTargets } = await import('../fleet/select.ts');
  const targets = selectTargets(loaded.value.fleet, {
    names: input.names,
    all: isSet(input, 'all'),
    environment: textOption(input, 'environment'),
    cluster: textOption(input, 'cluster'),
  });
  return targets.ok ? success({ ...loaded.value, targets: targets.value }) : targets;
}

/** The targets that were asked for, with the forge they live on. */
export async function loadWithForge(
  input: Input,
  services: Services,
): Promise<Outcome<Loaded & { readonly targets: readonly Target[]; readonly forge: Forge }>> {
  const loaded = await loadTargets(input, services);
  if (!loaded.ok) return loaded;
  const forge = await services.forge(loaded.value.fleet.forge, loaded.value.fleetFile);
  return forge.ok ? success({ ...loaded.value, forge: forge.value }) : forge;
}
