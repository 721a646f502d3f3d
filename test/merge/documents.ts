import fc from 'fast-check';

/** A document with the freedom people take when they write one: what the laws of merge are tested on. */
interface Scalar {
  readonly kind: 'scalar';
  /** As written, quotes included. */
  readonly source: string;
}
interface Entry {
  readonly key: string;
  /** Comment and blank lines above. */
  readonly lead: readonly string[];
  /** A comment behind it. */
  readonly post: string;
  readonly node: Node;
}
interface Collection {
  readonly kind: 'map' | 'list';
  readonly flow: boolean;
  /** A list's items have keys too, so that changes can name them: the item's `name`, or the scalar itself. */
  readonly entries: readonly Entry[];
}
export type Node = Scalar | Collection;

export interface Look {
  readonly step: number;
  readonly indentLists: boolean;
  readonly crlf: boolean;
  readonly ended: boolean;
  readonly marker: boolean;
  readonly mark: boolean;
}

export const anyLook: fc.Arbitrary<Look> = fc.record({
  step: fc.constantFrom(2, 2, 4),
  indentLists: fc.boolean(),
  crlf: fc.boolean(),
  ended: fc.boolean(),
  marker: fc.boolean(),
  mark: fc.boolean(),
});
export const plainLook: Look = {
  step: 2,
  indentLists: true,
  crlf: false,
  ended: true,
  marker: false,
  mark: false,
};

const word = fc.stringMatching(/^[a-z]{2,6}$/);
const source = fc.oneof(
  word,
  word.map((text) => `"${text}"`),
  word.map((text) => `'${text}: #'`),
  fc.integer({ min: 0, max: 9999 }).map(String),
  fc.constantFrom(
    'true',
    '"yes"',
    '~',
    '"80"',
    'a b  c',
    '"\\u00e9"',
    'v1.2.3',
    '|-\n  l1\n   l2\n  l3',
    '>\n  f1\n  f2\n',
  ),
);
const lead = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly string[]>([]) },
  { weight: 2, arbitrary: word.map((text) => [`# ${text}`]) },
  { weight: 1, arbitrary: word.map((text) => ['', `# ${text}`]) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(['']) },
);
const post = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: word.map((text) => ` # ${text}`) },
);

function unique(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}

const { map } = fc.letrec<{ node: Node; map: Node; list: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    source.map((text): Node => ({ kind: 'scalar', source: text })),
    tie('map'),
    tie('list'),
  ),
  map: fc
    .tuple(
      fc.array(fc.record({ key: word, lead, post, node: tie('node') }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([entries, one, other]): Node => ({
      kind: 'map',
      flow: one && other && entries.every((entry) => isShort(entry.node)),
      entries: unique(entries),
    })),
  list: fc.oneof(
    fc.array(fc.record({ key: word, lead, post }), { minLength: 1, maxLength: 4 }).chain((items) =>
      fc.boolean().map((flow): Node => ({
        kind: 'list',
        flow,
        entries: unique(items.map((item) => ({ ...item, node: { kind: 'scalar', source: item.key } }))),
      })),
    ),
    fc.array(fc.tuple(word, lead, tie('map')), { minLength: 1, maxLength: 3 }).map((items): Node => ({
      kind: 'list',
      flow: false,
      entries: unique(
        items.map(([name, above, item]): Entry => ({
          key: name,
          lead: above,
          post: '',
          node: named(name, item),
        })),
      ),
    })),
  ),
}));

function isShort(value: Node): boolean {
  return value.kind === 'scalar' && !/[\n#]|^~$/.test(value.source);
}

function named(name: string, item: Node): Node {
  if (item.kind === 'scalar') return item;
  const rest = item.entries.filter(({ key }) => key !== 'name');
  return {
    ...item,
    flow: false,
    entries: [{ key: 'name', lead: [], post: '', node: { kind: 'scalar', source: name } }, ...rest],
  };
}

export const anyDocument: fc.Arbitrary<Node> = map.map((root) =>
  root.kind === 'scalar' ? root : { ...root, flow: false },
);

/** One change that a person or a template makes. `path` names entries by their keys. */
export interface Change {
  readonly path: readonly string[];
  readonly op: 'set' | 'delete' | 'add' | 'above' | 'behind';
  readonly key: string;
  readonly source: string;
}

export function anyChange(document: Node): fc.Arbitrary<Change> {
  return fc.record({
    path: fc.constantFrom(...pathsOf(document)),
    op: fc.constantFrom('set', 'set', 'delete', 'add', 'above', 'behind'),
    key: word,
    source: fc.oneof(
      word,
      word.map((text) => `"${text}"`),
      fc.integer({ min: 0, max: 99 }).map(String),
    ),
  });
}

function pathsOf(at: Node, path: readonly string[] = []): readonly (readonly string[])[] {
  if (at.kind === 'scalar') return [path];
  const below = at.entries.flatMap((entry) => pathsOf(entry.node, [...path, entry.key]));
  return path.length === 0 ? below : [path, ...below];
}

/** The document with a change, the same where the change makes no sense there. */
export function changed(at: Node, change: Change, path: readonly string[] = change.path): Node {
  const [key, ...rest] = path;
  if (at.kind === 'scalar' || key === undefined) return at;
  if (rest.length > 0)
    return {
      ...at,
      entries: at.entries.map((entry) =>
        entry.key === key ? { ...entry, node: changed(entry.node, change, rest) } : entry,
      ),
    };
  const target = at.entries.find((entry) => entry.key === key);
  if (target === undefined) return at;
  const replaced = (entry: Entry | undefined): Node => ({
    ...at,
    entries: at.entries.flatMap((each) => (each !== target ? [each] : entry === undefined ? [] : [entry])),
  });
  switch (change.op) {
    case 'set':
      // The name of an item and the items of a list of scalars identify: they are removed and added, not set.
      if (target.node.kind !== 'scalar' || at.kind === 'list' || key === 'name') return at;
      return replaced({ ...target, node: { kind: 'scalar', source: change.source } });
    case 'delete':
      if (at.entries.length === 1 || key === 'name') return at;
      return replaced(undefined);
    case 'above':
      if (at.flow || key === 'name') return at;
      return replaced({ ...target, lead: [...target.lead, `# ${change.source}`] });
    case 'behind':
      if (at.flow || target.node.kind !== 'scalar' || target.node.source.includes('\n')) return at;
      return replaced({ ...target, post: ` # ${change.source}` });
    case 'add':
      return addTo(at, change);
  }
}

/** Adds to the collection that holds the path's last entry. */
function addTo(at: Collection, change: Change): Node {
  if (at.entries.some(({ key }) => key === change.key)) return at;
  const isOfMaps = at.kind === 'list' && at.entries.some((entry) => entry.node.kind !== 'scalar');
  const scalar = (text: string): Node => ({ kind: 'scalar', source: text });
  const node: Node = isOfMaps
    ? {
        kind: 'map',
        flow: false,
        entries: [
          { key: 'name', lead: [], post: '', node: scalar(change.key) },
          { key: 'added', lead: [], post: '', node: scalar(change.source) },
        ],
      }
    : scalar(at.kind === 'list' ? change.key : change.source);
  return { ...at, entries: [...at.entries, { key: change.key, lead: [], post: '', node }] };
}

export function printed(root: Node, look: Look): string {
  const lines = [...(look.marker ? ['---'] : []), ...blockLines(root, 0, look)];
  const newline = look.crlf ? '\r\n' : '\n';
  const text = lines.flatMap((line) => line.split('\n')).join(newline);
  return (look.mark ? '\uFEFF' : '') + text + (look.ended ? newline : '');
}

function blockLines(at: Node, column: number, look: Look): readonly string[] {
  if (at.kind === 'scalar') return [];
  const pad = ' '.repeat(column);
  return at.entries.flatMap((entry) => {
    const above = entry.lead.map((line) => (line === '' ? '' : pad + line));
    if (at.kind === 'map') return [...above, ...pairLines(entry, column, look)];
    if (entry.node.kind === 'scalar') return [...above, `${pad}- ${entry.node.source}${entry.post}`];
    const [first = '', ...rest] = blockLines(entry.node, column + 2, look).filter(
      (line, index, all) => line !== '' || all.slice(0, index).some((before) => before !== ''),
    );
    return [...above, `${pad}- ${first.slice(column + 2)}`, ...rest];
  });
}

function pairLines({ key, node: value, post: behind }: Entry, column: number, look: Look): readonly string[] {
  const head = `${' '.repeat(column)}${key}:`;
  if (value.kind === 'scalar') {
    const [first = '', ...rest] = value.source.split('\n');
    const indented = rest.map((line) => (line === '' ? '' : ' '.repeat(column) + line));
    return [`${head} ${first}${rest.length > 0 ? '' : behind}`, ...indented.filter((line) => line !== '')];
  }
  if (value.flow) return [`${head} ${flowText(value)}${behind}`];
  const isFlush = value.kind === 'list' && !look.indentLists;
  return [head + behind, ...blockLines(value, isFlush ? column : column + look.step, look)];
}

function flowText(at: Node): string {
  if (at.kind === 'scalar') return at.source;
  const inner = at.entries.map((entry) =>
    at.kind === 'map' ? `${entry.key}: ${flowText(entry.node)}` : flowText(entry.node),
  );
  return at.kind === 'map' ? `{${inner.join(', ')}}` : `[${inner.join(', ')}]`;
}
