import { dirname, join } from 'node:path';
import type { FleetText, FleetTexts } from '../fleet/texts.ts';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Services } from './command.ts';

/** More files than this are a pattern that means something else. */
const maxFiles = 10_000;

/** Reads a fleet file, and the files that its `include` names: below its folder, links not followed, in the order of their
 *  paths, each once.
 *  @returns problems `files-*`, `fleet-include-*` */
export async function readFleetTexts(file: string, services: Services): Promise<Outcome<FleetTexts>> {
  const text = await services.files.readText(file);
  if (!text.ok) return failure(...text.problems.map(divided));
  const { includesOf } = await import('../fleet/include.ts');
  const patterns = includesOf(text.value, file);
  if (patterns.length === 0) return success({ file, text: text.value, included: [] });
  const included = await readIncluded(patterns, { file, text: text.value }, services);
  return included.ok ? success({ file, text: text.value, included: included.value }) : included;
}

async function readIncluded(
  patterns: readonly string[],
  main: FleetText,
  services: Services,
): Promise<Outcome<readonly FleetText[]>> {
  const { includes, mayHold } = await import('../fleet/include.ts');
  const folder = dirname(main.file);
  const tree = await services.files.tree(folder, (each) => patterns.some((one) => mayHold(one, each)));
  if (!tree.ok) return tree;
  const { paths, links } = tree.value.snapshot;
  const isWanted = (path: RepoPath) =>
    join(folder, path) !== join(main.file) && patterns.some((pattern) => includes(pattern, path));
  const wanted = [...paths].filter(isWanted).sort();
  const isUsed = (pattern: string) => wanted.some((path) => includes(pattern, path));
  const unused = patterns.flatMap((pattern, index) => (isUsed(pattern) ? [] : [{ pattern, index }]));
  const problems: Problem[] = [
    ...[...links].filter(isWanted).map((path) => linked(join(folder, path))),
    ...(unused.length > 0 ? await unusedProblems(unused, main) : []),
  ];
  if (wanted.length > maxFiles)
    problems.push({
      rule: 'fleet-include-too-many',
      severity: 'error',
      message: `include names ${String(wanted.length)} files; at most ${String(maxFiles)} are read.`,
      fix: 'Name fewer, with more namespaces each.',
      file: main.file,
    });
  return problems.length > 0 ? failure(...problems) : readWanted(wanted, tree.value, folder);
}

async function readWanted(
  wanted: readonly RepoPath[],
  tree: Tree,
  folder: string,
): Promise<Outcome<readonly FleetText[]>> {
  const read = await tree.read(wanted);
  if (!read.ok) return read;
  const unreadable = wanted.filter((path) => read.value.unreadable.has(path));
  if (unreadable.length > 0)
    return failure(
      ...unreadable.map((path): Problem => ({
        rule: 'fleet-include-unreadable',
        severity: 'error',
        message: `${join(folder, path)} is included, but is not UTF-8 text or is larger than 16 MiB.`,
        fix: 'Divide it, or remove it from include.',
        file: join(folder, path),
      })),
    );
  return success(
    wanted.map((path) => ({ file: join(folder, path), text: read.value.files.get(path) ?? '' })),
  );
}

async function unusedProblems(
  unused: readonly { readonly pattern: string; readonly index: number }[],
  { file, text }: FleetText,
): Promise<readonly Problem[]> {
  const { readYaml } = await import('../yaml/read.ts');
  const read = readYaml(text, file);
  const document = read.ok ? read.value.documents[0] : undefined;
  return unused.map(({ pattern, index }) => ({
    rule: 'fleet-include-nothing',
    severity: 'error',
    message: `The pattern "${pattern}" matches no file.`,
    fix: 'Correct the path: it starts at the folder of the fleet file.',
    file,
    ...document?.placeOf(['include', index]),
  }));
}

function linked(file: string): Problem {
  return {
    rule: 'fleet-include-link',
    severity: 'error',
    message: `${file} is a symbolic link, which include does not follow.`,
    fix: 'Put the file itself there, or remove it from include.',
    file,
  };
}

/** What is too large for one file has a way out here. */
function divided(problem: Problem): Problem {
  if (problem.rule !== 'files-too-large') return problem;
  return {
    ...problem,
    fix: 'Divide the fleet: list files of namespaces under include (docs/FLEET.md#several-files).',
  };
}
