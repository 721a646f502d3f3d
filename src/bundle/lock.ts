import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import type { TemplateSet } from '../model/bundle.ts';
import type { ClusterStage, Stage } from '../model/fleet.ts';
import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import type { DirectoryLock, Lock, LockedEdits, LockedFile, RecordedEdit } from '../model/lock.ts';
import type { RepoPath, TargetId } from '../model/named.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { isBelow, parseRepoPath } from '../model/repo-path.ts';
import { printEntry, printText, printValue } from '../yaml/print.ts';
import { readYaml } from '../yaml/read.ts';
import { versionOf } from './template-version.ts';
import type { DesiredState } from './desired-state.ts';

export const apiVersion = 'meshwright.dev/v1';

/** To be raised when generators make something else of the same inputs and templates. */
const generation = 2;

export function lockPath(target: TargetId): RepoPath {
  return `.meshwright/${target}.lock.yaml` as RepoPath;
}

/** Makes GitHub fold locks away in pull requests.
 *  @see https://docs.github.com/en/repositories/working-with-files/managing-files/customizing-how-changed-files-appear-on-github */
export const lockAttributes = {
  path: '.meshwright/.gitattributes' as RepoPath,
  text: '*.lock.yaml linguist-generated\n',
};

/** The part of a lock that follows from the fleet and the templates alone. */
export function lockInputs(desired: DesiredState, templates: TemplateSet): LockInputs {
  const known = inputsOf.get(desired);
  if (known?.templates === templates) return known.inputs;
  const inputs = derivedInputs(desired, templates);
  inputsOf.set(desired, { templates, inputs });
  return inputs;
}

type LockInputs = Pick<DirectoryLock, 'directory' | 'stage' | 'templates' | 'inputs' | 'digest'>;

const inputsOf = new WeakMap<
  DesiredState,
  { readonly templates: TemplateSet; readonly inputs: LockInputs }
>();

function derivedInputs(desired: DesiredState, templates: TemplateSet): LockInputs {
  const { stage, directory } = desired;
  const inputs = JSON.parse(JSON.stringify(desired.inputs())) as JsonObject;
  return {
    directory,
    stage,
    templates: { source: templates.source, version: versionOf(templates.changelog) },
    inputs,
    digest: digestOf(JSON.stringify([generation, stage, inputs, templatesDigest(templates)])),
  };
}

const digests = new WeakMap<TemplateSet, string>();

function templatesDigest(templates: TemplateSet): string {
  const known = digests.get(templates);
  if (known !== undefined) return known;
  const made = digestOf(
    JSON.stringify([...templates.texts].sort(([one], [other]) => (one < other ? -1 : 1))),
  );
  digests.set(templates, made);
  return made;
}

function digestOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

export function printLock(lock: Lock): string {
  return [
    '# What Meshwright generated last. It tells your edits from its own when it regenerates. Do not edit.',
    `apiVersion: ${apiVersion}`,
    'kind: Lock',
    'metadata:',
    ...printEntry('name', lock.target, 2, layout),
    '  annotations:',
    '    config.kubernetes.io/local-config: "true" # kustomize and Flux never apply it',
    'directories:',
    ...lock.directories.flatMap(printDirectory),
    '',
  ].join('\n');
}

const layout = { step: 2, indentLists: true };

function printDirectory(part: DirectoryLock): readonly string[] {
  const { directory, stage, templates, digest, inputs, files, edits } = part;
  return [
    ...printValue([{ path: directory, stage, templates: { ...templates }, digest, inputs }], 2, layout),
    ...(files.length === 0 ? [] : ['    files:', ...files.flatMap(printFile)]),
    ...(edits.length === 0 ? [] : printEntry('edits', edits.map(editsAsJson), 4, layout)),
  ];
}

function printFile({ generator, path, text }: LockedFile): readonly string[] {
  const [first = '', ...rest] = printText(text, 10);
  return [
    ...printValue([{ path, generator, digest: digestOf(text) }], 6, layout),
    `        text:${first}`,
    ...rest,
  ];
}

function editsAsJson({ path, object, edits }: LockedEdits): JsonObject {
  const plain = edits.map((edit): JsonObject => ({ ...edit }));
  return { path, ...(object !== undefined && { object: { ...object } }), edits: plain };
}

/** Reads a lock back.
 *  @param file  its name in problems
 *  @returns problems `lock-newer` (written by a newer version of the tool), `lock-damaged`, those of `readYaml` */
export function readLock(text: string, file: string, target: TargetId): Outcome<Lock> {
  const read = readYaml(text, file);
  if (!read.ok) return damaged(file, 'it is not YAML', read.problems[0]?.line);
  const [document] = read.value.documents;
  const value = document?.value ?? null;
  const version = stringAt(value, 'apiVersion');
  if (version !== apiVersion && version?.startsWith('meshwright.dev/') === true)
    return failure({
      rule: 'lock-newer',
      severity: 'error',
      message: `The lock was written by a newer version of Meshwright (${version}).`,
      fix: 'Use that version, or a newer one.',
      file,
      line: 2,
      column: 1,
    });
  if (version !== apiVersion || stringAt(value, 'metadata', 'name') !== target)
    return damaged(file, `it is not the lock of ${target}`, 1);
  const directories: DirectoryLock[] = [];
  for (const [index, entry] of listAt(value, 'directories').entries()) {
    const directory = readDirectory(entry);
    if (typeof directory === 'string')
      return damaged(file, directory, document?.placeOf(['directories', index]).line);
    directories.push(directory);
  }
  return success({ target, directories });
}

/** Whether two texts of a lock remember the same files and edits of the same directories. What they were generated from may
 *  differ: a plan that has nothing to change leaves the lock as it is, whatever else the fleet says by then.
 *  @returns false too where one of them is not a lock of `target` */
export function remembersSame(one: string | undefined, other: string | undefined, target: TargetId): boolean {
  if (one === undefined || other === undefined) return false;
  const [first, second] = [one, other].map((text) => readLock(text, lockPath(target), target));
  if (first?.ok !== true || second?.ok !== true) return false;
  const kept = ({ directories }: Lock) =>
    directories.map(({ directory, stage, files, edits }) => [directory, stage, files, edits]);
  return JSON.stringify(kept(first.value)) === JSON.stringify(kept(second.value));
}

/** Whether a lock's text says that each directory was generated from these digests. Looks at the lines that `printLock`
 *  writes and reads nothing else, so that thousands of targets with nothing to do cost next to nothing. */
export function isLockedAt(text: string, target: TargetId, wanted: ReadonlyMap<RepoPath, string>): boolean {
  if (!text.includes(`\napiVersion: ${apiVersion}\n`)) return false;
  const [, name = ''] = /^ {2}name: (.*)$/m.exec(text) ?? [];
  if (plainOf(name) !== target || /^(?:<{7}|={7}|>{7})/m.test(text)) return false;
  const found = [...text.matchAll(/^ {2}- path: (.*)$|^ {4}digest: (.*)$/gm)].map(([, path, digest]) =>
    plainOf(path ?? digest ?? ''),
  );
  const expected = [...wanted].flat();
  return found.length === expected.length && found.every((each, index) => each === expected[index]);
}

/** A scalar as `printLock` writes it on one line. */
export function plainOf(scalar: string): string {
  return scalar.startsWith('"') ? scalar.slice(1, -1) : scalar;
}

function damaged(file: string, why: string, line = 1): Outcome<never> {
  return failure({
    rule: 'lock-damaged',
    severity: 'error',
    message: `The lock can't be trusted: ${why}.`,
    fix: 'Restore it from git (git log shows its last good version). If a merge garbled it, take either side and run again.',
    file,
    line,
    column: 1,
  });
}

function readDirectory(entry: JsonValue): DirectoryLock | string {
  const directory = parseRepoPath(stringAt(entry, 'path') ?? '/');
  const stage = stringAt(entry, 'stage');
  const digest = stringAt(entry, 'digest');
  const source = stringAt(entry, 'templates', 'source');
  const version = stringAt(entry, 'templates', 'version');
  if (directory === undefined || !isStage(stage) || digest === undefined)
    return 'the entry of a directory is incomplete';
  if (source === undefined || version === undefined) return 'it does not name the templates';
  const files: LockedFile[] = [];
  for (const each of listAt(entry, 'files')) {
    const path = parseRepoPath(stringAt(each, 'path') ?? '/');
    const text = stringAt(each, 'text');
    if (path === undefined || text === undefined || !isBelow(path, directory))
      return 'the entry of a file is incomplete';
    if (digestOf(text) !== stringAt(each, 'digest')) return `the text of ${path} was changed`;
    files.push({ generator: stringAt(each, 'generator') ?? '', path, text });
  }
  const edits: LockedEdits[] = [];
  for (const each of listAt(entry, 'edits')) {
    const path = parseRepoPath(stringAt(each, 'path') ?? '/');
    if (path === undefined) return 'the entry of an edit is incomplete';
    const recorded = listAt(each, 'edits').map(readEdit);
    if (recorded.some((edit) => edit === undefined)) return `the entry of an edit of ${path} is incomplete`;
    edits.push({
      path,
      object: readObject(valueAt(each, 'object')),
      edits: recorded.filter((edit) => edit !== undefined),
    });
  }
  const inputs = objectAt(entry, 'inputs');
  return { directory, stage, templates: { source, version }, inputs, digest, files, edits };
}

const stages: readonly string[] = ['outside', 'joined', 'enforced', 'permissive', 'strict'];

export function isStage(text: string | undefined): text is Stage | ClusterStage {
  return text !== undefined && stages.includes(text);
}

function readObject(value: JsonValue | undefined): LockedEdits['object'] {
  if (!isObject(value)) return undefined;
  const member = (key: string) => stringAt(value, key) ?? '';
  return { group: member('group'), kind: member('kind'), name: member('name') };
}

function readEdit(value: JsonValue): RecordedEdit | undefined {
  const path = valueAt(value, 'path');
  const [is, was] = [valueAt(value, 'value'), valueAt(value, 'was')];
  if (!isPath(path)) return undefined;
  const op = stringAt(value, 'op');
  if (op === 'set' && is !== undefined) return { op, path, value: is, ...(was !== undefined && { was }) };
  if (op === 'delete' && was !== undefined) return { op, path, was };
  if (op === 'append' && is !== undefined)
    return { op, path, value: is, made: valueAt(value, 'made') === true };
  return undefined;
}

function isPath(value: JsonValue | undefined): value is YamlPath & readonly JsonValue[] {
  return isList(value) && value.every((step) => typeof step === 'string' || typeof step === 'number');
}
