/** Values of a chart while they are put together. Maps and lists are shared and changed in place, as helm-controller's are:
 *  what it makes of a `targetPath` depends on that. */
export type Value = string | number | boolean | null | Value[] | Values;
export type Values = Map<string, Value>;

/** Helm's own limits. */
const maxIndex = 65_536;
const maxLevels = 30;
/** Entries that all lists together may grow by: a hostile text asks for many long ones. */
const maxGrowth = 1_000_000;

type SetStep = 'more' | 'end' | { readonly refused: string };

interface Item {
  readonly list: Value[];
  readonly step: SetStep;
}

/** Sets what `path=value` says, in the syntax of `helm --set`.
 *  @param how  `typed`: numbers, booleans and null are told from texts; `text`: a text whatever it looks like
 *  @returns why Helm refuses it; undefined: it is set. What comes before the mistake is set all the same
 *  @see https://github.com/helm/helm/blob/main/pkg/strvals/parser.go */
export function setValue(values: Values, line: string, how: 'typed' | 'text'): string | undefined {
  const setter = new Setter(line, how);
  for (;;) {
    const step = setter.key(values, 0);
    if (step === 'end') return undefined;
    if (step !== 'more') return step.refused;
  }
}

class Setter {
  readonly #runes: readonly string[];
  readonly #how: 'typed' | 'text';
  #at = 0;
  #growth = 0;

  constructor(line: string, how: 'typed' | 'text') {
    this.#runes = Array.from(line);
    this.#how = how;
  }

  /** Reads one key and what it is set to. */
  key(values: Values, level: number): SetStep {
    const { text: key, stop } = this.#until('=[,.');
    switch (stop) {
      case undefined:
        return key === '' ? 'end' : { refused: `key ${JSON.stringify(key)} has no value` };
      case ',':
        set(values, key, '');
        return { refused: `key ${JSON.stringify(key)} has no value (cannot end with ,)` };
      case '[': {
        const index = this.#index();
        if (typeof index !== 'number') return index;
        const before = values.has(key) ? values.get(key) : [];
        if (!Array.isArray(before)) return { refused: `${key} is not a list` };
        const { list, step } = this.#item(before, index, level);
        set(values, key, list);
        return step;
      }
      case '.': {
        if (level >= maxLevels) return { refused: `more than ${String(maxLevels)} levels of names` };
        const inner = values.has(key) ? values.get(key) : new Map<string, Value>();
        if (!(inner instanceof Map)) return { refused: `${key} is not a map` };
        const step = this.key(inner, level + 1);
        if (step === 'more' && inner.size === 0)
          return { refused: `key map ${JSON.stringify(key)} has no value` };
        if (inner.size > 0) set(values, key, inner);
        return step;
      }
      default: {
        if (this.#at >= this.#runes.length) {
          set(values, key, '');
          return 'end';
        }
        const value = this.#value();
        if ('refused' in value) return value;
        set(values, key, value.value);
        return 'more';
      }
    }
  }

  /** What comes behind `[n]`. Where the line ends too early, Helm takes the list as it is then for the result. */
  #item(list: Value[], index: number, level: number): Item {
    if (index < 0) return { list, step: { refused: `negative ${String(index)} index not allowed` } };
    const { text, stop } = this.#until('[.=');
    if (text !== '')
      return { list, step: { refused: `unexpected data at end of array index: ${JSON.stringify(text)}` } };
    switch (stop) {
      case undefined:
        return { list, step: 'end' };
      case '[': {
        const next = this.#index();
        if (typeof next !== 'number') return { list, step: next };
        const inner = list[index] ?? [];
        if (!Array.isArray(inner)) return { list, step: { refused: `index ${String(index)} is not a list` } };
        const nested = this.#item(inner, next, level);
        return nested.step === 'more' ? this.#withItem(list, index, nested.list) : { ...nested, list };
      }
      case '.': {
        const found = list[index];
        const inner = found instanceof Map ? found : new Map<string, Value>();
        if (index < list.length) list[index] = inner;
        const step = this.key(inner, level);
        return step === 'more' ? this.#withItem(list, index, inner) : { list, step };
      }
      default: {
        const value = this.#at >= this.#runes.length ? { value: '' } : this.#value();
        return 'refused' in value ? { list, step: value } : this.#withItem(list, index, value.value);
      }
    }
  }

  #withItem(list: Value[], index: number, value: Value): Item {
    if (index > maxIndex)
      return {
        list,
        step: { refused: `index of ${String(index)} is greater than ${String(maxIndex)}, the largest` },
      };
    if (index < list.length) {
      list[index] = value;
      return { list, step: 'more' };
    }
    this.#growth += index;
    if (this.#growth > maxGrowth) return { list, step: { refused: 'its lists are too long to follow' } };
    const gap = Array<null>(index - list.length).fill(null);
    return { list: [...list, ...gap, value], step: 'more' };
  }

  #index(): number | SetStep {
    const { text, stop } = this.#until(']');
    if (stop === undefined) return 'end';
    return /^[-+]?\d{1,15}$/.test(text)
      ? Number(text)
      : { refused: `${JSON.stringify(text)} is not an index` };
  }

  /** A value, or a list of them in braces. */
  #value(): { readonly value: Value } | { readonly refused: string } {
    if (this.#runes[this.#at] !== '{') return { value: this.#typed(this.#until(',').text) };
    this.#at++;
    const list: Value[] = [];
    for (;;) {
      const { text, stop } = this.#until(',}');
      if (stop === undefined) return { refused: "list must terminate with '}'" };
      list.push(this.#typed(text));
      if (stop === ',') continue;
      if (this.#runes[this.#at] === ',') this.#at++;
      return { value: list };
    }
  }

  #typed(text: string): Value {
    if (this.#how === 'text') return text;
    const word = text.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (text === '0') return 0;
    const isNumber = /^[-+]?\d+$/.test(text) && !text.startsWith('0');
    return isNumber && isInt64(text) ? Number(text) : text;
  }

  /** Text up to one of some characters, which is taken too; a backslash takes the next one as it is.
   *  @returns `stop` undefined: the line has ended */
  #until(stops: string): { readonly text: string; readonly stop: string | undefined } {
    const found: string[] = [];
    while (this.#at < this.#runes.length) {
      const rune = this.#runes[this.#at++] ?? '';
      if (stops.includes(rune)) return { text: found.join(''), stop: rune };
      if (rune !== '\\') found.push(rune);
      else if (this.#at < this.#runes.length) found.push(this.#runes[this.#at++] ?? '');
    }
    return { text: found.join(''), stop: undefined };
  }
}

/** Helm sets nothing at an empty key. */
function set(values: Values, key: string, value: Value): void {
  if (key !== '') values.set(key, value);
}

function isInt64(text: string): boolean {
  const number = BigInt(text.replace('+', ''));
  return number >= -(2n ** 63n) && number < 2n ** 63n;
}
