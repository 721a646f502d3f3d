import { createHash } from 'node:crypto';
import { pathsIn, rowsIn, textsIn, type Project } from './unit.ts';

const page = 'docs/TEMPLATES.md';
const changelog = 'templates/CHANGELOG.md';
export const digestTable = 'test/architecture/template-digests.json';

/** By version, the oldest first: the templates that it changed, each with the digest of its text. */
type Digests = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What templates lack: a page that names their values, someone who renders them, and a version of their own where their
 *  text differs from that of the version they stand under. */
export function templateFaults(project: Project): readonly string[] {
  return [...notDocumented(project), ...notUsed(project), ...notVersioned(project)];
}

/** Templates that are there. */
function namesIn(project: Project): readonly string[] {
  return pathsIn(project, /^templates\/(?!versions\/).*\.hbs$/).map((path) => path.replace('templates/', ''));
}

/** Templates that are there, or that a generator asks for. */
function wantedNames(project: Project): readonly string[] {
  const asked = textsIn(project, /^generators\/.*\.ts$/).flatMap((text) =>
    [...text.matchAll(/\btemplate: '([^']*)'/g)].map(([, name = '']) => name),
  );
  return [...new Set([...namesIn(project), ...asked])].sort();
}

function notDocumented(project: Project): readonly string[] {
  const rows = new Map(rowsIn(project, page, /^`([^`]*\.hbs)`$/).map(({ name, cells }) => [name, cells]));
  const names = wantedNames(project);
  const gone = [...rows.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => `${page}: remove the row of ${name}; there is no such template.`);
  return [
    ...names.flatMap((name) => {
      const text = project.get(`templates/${name}`);
      const read = valuesOf(text ?? '');
      const cells = rows.get(name);
      if (cells === undefined)
        return [
          `${page}: add a row "\`${name}\`" with its values${text === undefined ? '' : `: ${read.map(quoted).join(', ') || 'none'}`}.`,
        ];
      const said = [...(cells[1] ?? '').matchAll(/`([\w-]+)(?:\[\])?`/g)].map(([, value = '']) => value);
      const unsaid = read.filter((value) => !said.includes(value));
      return unsaid.length === 0
        ? []
        : [`${page}: add ${unsaid.map(quoted).join(', ')} to the row of ${name}.`];
    }),
    ...gone,
  ];
}

const quoted = (value: string) => `\`${value}\``;

/** Names of the values that a template reads, however deep, in the order it reads them. */
function valuesOf(template: string): readonly string[] {
  const reads =
    /\{\{~?(?:#(?:each|if|unless|with)|else if|yaml|md|code|cell) +([\w.@/-]+)(?: as \|[^|]*\|)? *~?\}\}/g;
  return [
    ...new Set(
      [...template.matchAll(reads)].flatMap(([, path = '']) =>
        path.split(/[./]+/).filter((part) => part !== '' && part !== 'this' && !part.startsWith('@')),
      ),
    ),
  ];
}

function notUsed(project: Project): readonly string[] {
  const code = textsIn(project, /^(?:generators|src\/bundle)\/.*\.ts$/).join('\n');
  return namesIn(project)
    .filter((name) => !code.includes(`'${name}'`))
    .map((name) => `templates/${name}: remove it, or render it; no generator does.`);
}

/** Templates that end up in repositories, and so in locks; those of pull requests are always today's. */
const isLocked = (name: string) => !name.startsWith('pull-request/');

/** A version with a date is closed: its texts can be had for ever, and are those of the table of digests. */
function notVersioned(project: Project): readonly string[] {
  const versions = [...(project.get(changelog) ?? '').matchAll(/^## (\d\S*) \((.*)\)\n([^#]*)/gm)].map(
    ([, version = '', when = '', entry = '']) => ({ version, isOpen: when === 'unreleased', entry }),
  );
  const digests = JSON.parse(project.get(digestTable) ?? '{}') as Digests;
  const [newest] = versions;
  if (newest === undefined)
    return [`${changelog}: add a heading for the first version, \`## 1.0.0 (unreleased)\`.`];
  const names = wantedNames(project).filter(isLocked);
  const empty = versions
    .filter(({ entry }) => !/^- \S/m.test(entry))
    .map(({ version }) => `${changelog}: list under ${version} what changed.`);
  const unknown = Object.keys(digests)
    .filter((version) => versions.find((each) => each.version === version)?.isOpen !== false)
    .map((version) => `${digestTable}: remove ${version}; ${changelog} has no such version with a date.`);
  const known = new Map<string, string>();
  const lost: string[] = [];
  let last: string | undefined;
  for (const { version, isOpen } of versions.toReversed()) {
    if (isOpen) continue;
    const isNewest = version === newest.version;
    const own = digests[version];
    if (own === undefined) {
      const changed = names.filter((name) => digestOf(textOf(project, name)) !== known.get(name));
      lost.push(
        `${digestTable}: close version ${version} by adding ${JSON.stringify({ [version]: Object.fromEntries(changed.map((name) => [name, digestOf(textOf(project, name))])) })}.`,
      );
      return [...empty, ...unknown, ...lost];
    }
    for (const [name, digest] of Object.entries(own)) known.set(name, digest);
    last = version;
    for (const [name, digest] of known) {
      const kept = project.get(`templates/versions/${version}/${name}`) ?? project.get(`templates/${name}`);
      if (kept !== undefined && digestOf(kept) === digest) continue;
      lost.push(
        isNewest
          ? `templates/${name} changed, and version ${version} is closed: add a heading \`## ${nextOf(version)} (unreleased)\` with the change to ${changelog}, and keep the old text as templates/versions/${version}/${name}.`
          : `templates/versions/${version}/${name}: add the text of version ${version}.`,
      );
    }
  }
  const isNewestClosed = last === newest.version;
  const added = names.filter((name) => !known.has(name));
  const fresh = isNewestClosed ? added : [];
  const unsaid =
    isNewestClosed || known.size === 0
      ? []
      : added.filter(
          (name) => project.has(`templates/${name}`) && !newest.entry.includes(`\`${fileOf(name)}\``),
        );
  return [
    ...empty,
    ...unknown,
    ...lost,
    ...fresh.map(
      (name) =>
        `templates/${name} is new, and version ${newest.version} is closed: add a heading \`## ${nextOf(newest.version)} (unreleased)\` with the addition to ${changelog}.`,
    ),
    ...unsaid.map(
      (name) => `${changelog}: say under ${newest.version} what the new file \`${fileOf(name)}\` is for.`,
    ),
    ...pathsIn(project, /^templates\/versions\//)
      .filter((path) => !known.has(path.split('/').slice(3).join('/')))
      .map((path) => `${path}: remove it; no version has such a template.`),
  ];
}

/** What a template's file is called in a repository. */
const fileOf = (name: string) => name.replace(/^.*\//, '').replace(/\.hbs$/, '');

function textOf(project: Project, name: string): string {
  return project.get(`templates/${name}`) ?? '';
}

/** `1.2.0` after `1.1.0`. */
function nextOf(version: string): string {
  const [major = '0', minor = '0'] = version.split('.');
  return `${major}.${String(Number(minor) + 1)}.0`;
}
