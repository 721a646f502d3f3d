import type { TemplateSet, TemplateTexts } from '../model/bundle.ts';
import type { FleetTexts } from '../fleet/texts.ts';
import type { Fleet, Target } from '../model/fleet.ts';
import type { RepoPath } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { fleetFileOf, isSet, textOption, type Input, type Services, misuse } from './command.ts';
import { readFleetTexts } from './fleet-texts.ts';
import { dirname, join } from 'node:path';

export interface Loaded {
  readonly fleet: Fleet;
  readonly fleetFile: string;
  readonly texts: FleetTexts;
  readonly templates: TemplateSet;
  /** Warnings of the fleet file. */
  readonly problems: readonly Problem[];
}

/** The fleet file of `--fleet`, or the nearest one, and the templates it asks for. */
export async function loadAll(input: Input, services: Services): Promise<Outcome<Loaded>> {
  const found = await fleetFileOf(input, services);
  if (!found.ok) return found;
  const fleetFile = found.value;
  if (fleetFile === undefined)
    return failure({
      rule: 'fleet-not-found',
      severity: 'error',
      message: 'There is no fleet.yaml in this folder or above.',
      fix: 'Write one with meshwright init, or name one with --fleet FILE.',
    });
  const written = await readFleetTexts(fleetFile, services);
  if (!written.ok) return written;
  const texts = await withPaths(written.value, services);
  if (!texts.ok) return texts;
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const fleet = loadFleetTexts(texts.value);
  if (!fleet.ok) return fleet;
  const templates = await loadTemplates(fleet.value, fleetFile, textOption(input, 'to'), services);
  if (!templates.ok) return templates;
  const { withCompiler } = await import('../bundle/compiler.ts');
  return success({
    fleet: fleet.value,
    fleetFile,
    texts: texts.value,
    templates: await withCompiler(templates.value),
    problems: fleet.problems,
  });
}

/** The fleet with what its clusters say of the namespaces whose path it does not say itself. */
async function withPaths(texts: FleetTexts, services: Services): Promise<Outcome<FleetTexts>> {
  const { leavesPathsOut, loadFleetTexts } = await import('../fleet/load.ts');
  if (!leavesPathsOut(texts)) return success(texts);
  const rest = loadFleetTexts({ ...texts, paths: 'skipped' });
  // What is wrong with it is said where the whole is loaded.
  if (!rest.ok) return success(texts);
  const forge = await services.forge(rest.value.forge, texts.file);
  if (!forge.ok) return forge;
  const { findPaths } = await import('../flows/find-paths.ts');
  return success({ ...texts, paths: await findPaths(rest.value, forge.value) });
}

/** The templates that the fleet asks for.
 *  @param version  of the built-in ones, or the tag of a repository's; undefined: today's, or the fleet's */
async function loadTemplates(
  fleet: Fleet,
  fleetFile: string,
  version: string | undefined,
  services: Services,
): Promise<Outcome<TemplateTexts>> {
  const spec = fleet.templates;
  const builtIn = await services.templates(spec === undefined ? version : undefined);
  if (!builtIn.ok || spec === undefined) return builtIn;
  const { readTemplateSet } = await import('../flows/template-set.ts');
  if (spec.kind === 'folder') {
    if (version !== undefined)
      return failure(
        misuse(
          'A folder of templates has no versions to choose from.',
          'Remove --to, or name a repository with a tag under templates in fleet.yaml.',
        ),
      );
    const tree = await services.files.tree(join(dirname(fleetFile), spec.folder));
    return tree.ok ? readTemplateSet(tree.value, '' as RepoPath, spec.folder, builtIn.value) : tree;
  }
  const forge = await services.forge(fleet.forge, fleetFile);
  if (!forge.ok) return forge;
  const ref = version ?? spec.ref;
  const tree = await forge.value.tree(spec.repository, ref);
  if (!tree.ok) return tree;
  return readTemplateSet(tree.value, spec.path, `${spec.repository}@${ref}`, builtIn.value);
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
    shard: textOption(input, 'shard'),
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
