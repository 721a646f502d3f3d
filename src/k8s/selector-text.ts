import type { Labels } from './selector.ts';

/** Whether a selector written as a text takes `labels`: `app=web,tier!=db,env in (lab, prod),!legacy`, as kubectl and
 *  kustomize read it. The empty one takes everything; one that can't be read takes nothing, since kustomize refuses it.
 *  @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#list-and-watch-filtering */
export function selectsByText(selector: string, labels: Labels): boolean {
  if (selector.trim() === '') return true;
  const requirements = parse(selector);
  return requirements?.every((each) => isMet(each, labels)) === true;
}

/** Whether such a text can be read. */
export function isSelectorText(selector: string): boolean {
  return selector.trim() === '' || parse(selector) !== undefined;
}

interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | '>' | '<';
  readonly values: readonly string[];
}

function isMet({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case '>':
    case '<': {
      const [number, bound] = [value ?? '', values[0] ?? ''].map(wholeNumber);
      if (number === undefined || bound === undefined) return false;
      return operator === '>' ? number > bound : number < bound;
    }
  }
}

function wholeNumber(text: string): bigint | undefined {
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** undefined: it can't be read */
function parse(text: string): readonly Requirement[] | undefined {
  const words = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  const found: Requirement[] = [];
  let at = 0;
  do {
    const read = requirementAt(words, at);
    if (read === undefined) return undefined;
    found.push(read.requirement);
    at = read.end;
  } while (words[at++] === ',');
  return at > words.length ? found : undefined;
}

function requirementAt(
  words: readonly string[],
  start: number,
): { readonly requirement: Requirement; readonly end: number } | undefined {
  const isAbsent = words[start] === '!';
  const at = isAbsent ? start + 1 : start;
  const key = words[at];
  if (key === undefined || isSymbol(key)) return undefined;
  const operator = words[at + 1];
  if (operator === undefined || operator === ',')
    return { requirement: { key, operator: isAbsent ? 'absent' : 'exists', values: [] }, end: at + 1 };
  if (isAbsent) return undefined;
  if (operator === 'in' || operator === 'notin') {
    const close = words.indexOf(')', at + 2);
    if (words[at + 2] !== '(' || close < 0) return undefined;
    const values = valuesIn(words.slice(at + 3, close));
    return values === undefined ? undefined : { requirement: { key, operator, values }, end: close + 1 };
  }
  const next = words[at + 2];
  const value = next === undefined || next === ',' ? '' : next;
  if (isSymbol(value)) return undefined;
  const end = at + (value === '' ? 2 : 3);
  if (operator === '=' || operator === '==')
    return { requirement: { key, operator: 'in', values: [value] }, end };
  if (operator === '!=') return { requirement: { key, operator: 'notin', values: [value] }, end };
  if (operator === '>' || operator === '<') return { requirement: { key, operator, values: [value] }, end };
  return undefined;
}

function isSymbol(word: string): boolean {
  return /^[=!(),<>]/.test(word);
}

/** Between two commas, or where nothing stands, the value is empty. */
function valuesIn(words: readonly string[]): readonly string[] | undefined {
  const values: string[] = [];
  let last = ',';
  for (const word of [...words, ',']) {
    if (word === ',' && last === ',') values.push('');
    else if (word !== ',') {
      if (last !== ',' || isSymbol(word)) return undefined;
      values.push(word);
    }
    last = word;
  }
  return values;
}
