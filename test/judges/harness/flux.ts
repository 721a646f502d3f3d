import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versions } from './api-server.ts';

const binary = fileURLToPath(
  new URL(`../../../.cache/judges/envsubst-${versions.fluxKustomize}/envsubst`, import.meta.url),
);

export type Substituted =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string };

export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * A stream after postBuild, by Flux's own library: an unset variable without a default is an error.
 * As in Flux, no variables at all means no substitution at all.
 */
export function substituted(stream: string, variables: Readonly<Record<string, string>>): Substituted {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-envsubst-'));
  try {
    const file = join(folder, 'variables.json');
    writeFileSync(file, JSON.stringify(variables));
    const { status, stdout, stderr, error } = spawnSync(binary, [file], {
      encoding: 'utf8',
      input: stream,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error !== undefined) throw error;
    return status === 0 ? { ok: true, text: stdout } : { ok: false, error: stderr.trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A text with the variables that are set, or a text to read as Go's strconv.ParseBool does. */
export type Question =
  | { readonly text: string; readonly variables: Readonly<Record<string, string>> }
  | { readonly text: string; readonly isBoolean: true };

/** What Flux' own envsubst makes of texts in strict mode, and Go of booleans; undefined: it refuses them. */
export function answersOf(questions: readonly Question[]): readonly (string | undefined)[] {
  const { status, stdout, stderr, error } = spawnSync(binary, ['--batch'], {
    encoding: 'utf8',
    input: JSON.stringify(questions),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  const answers = JSON.parse(stdout) as readonly { readonly text: string; readonly refused: string }[];
  return answers.map(({ text, refused }) => (refused === '' ? text : undefined));
}

/** A path of a source with the Flux Kustomization that builds it. */
export interface FluxBuild {
  readonly files: Readonly<Record<string, string>>;
  readonly kustomization: unknown;
}

/** What kustomize-controller's own libraries build, as YAML; undefined with a reason: they refuse. */
export function fluxBuilds(
  builds: readonly FluxBuild[],
): readonly { readonly text: string | undefined; readonly refused: string }[] {
  const { status, stdout, stderr, error } = spawnSync(binary, ['--build'], {
    encoding: 'utf8',
    input: JSON.stringify(builds),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  const answers = JSON.parse(stdout) as readonly { readonly text: string; readonly refused: string }[];
  return answers.map(({ text, refused }) => ({ text: refused === '' ? text : undefined, refused }));
}

/** The files that source-controller archives of repositories, in order.
 *  @param ignore  of the source */
export function archivedBy(
  repositories: readonly { readonly files: Readonly<Record<string, string>>; readonly ignore: string }[],
): readonly (readonly string[])[] {
  const { status, stdout, stderr, error } = spawnSync(binary, ['--source'], {
    encoding: 'utf8',
    input: JSON.stringify(repositories),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as readonly (readonly string[])[]).map((files) => [...files].sort());
}

/** Every order in which Flux may come to apply Kustomizations, the first `cap` of them. */
export function dependencyOrders(
  kustomizations: readonly Dependent[],
  cap = 50,
): readonly (readonly string[])[] {
  refuseUnknown(kustomizations);
  const orders: string[][] = [];
  const extend = (done: readonly string[]): void => {
    if (orders.length >= cap) return;
    const left = kustomizations.filter(({ name }) => !done.includes(name));
    const ready = left.filter(({ dependsOn }) => dependsOn.every((name) => done.includes(name)));
    if (left.length === 0) orders.push([...done]);
    else if (ready.length === 0)
      throw new Error(`these wait for each other: ${left.map(({ name }) => name).join(', ')}`);
    for (const { name } of ready) extend([...done, name]);
  };
  extend([]);
  return orders;
}

function refuseUnknown(kustomizations: readonly Dependent[]): void {
  const names = new Set(kustomizations.map(({ name }) => name));
  if (names.size !== kustomizations.length) throw new Error('two Kustomizations have one name');
  for (const { name, dependsOn } of kustomizations)
    for (const wanted of dependsOn)
      if (!names.has(wanted)) throw new Error(`${name} depends on ${wanted}, which is not there`);
}
