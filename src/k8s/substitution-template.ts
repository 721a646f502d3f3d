/** `${name operator args}`; the operator is empty for `${name}`. */
export interface Expansion {
  readonly name: string;
  readonly operator: string;
  readonly args: readonly TemplatePart[];
}

export type TemplatePart = string | Expansion;

export type Template =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly why: string };

/** Deeper nested defaults are refused; Flux goes on until Go's stack ends. */
const maxDepth = 100;

/** Thrown and caught in this file only. */
class MalformedTemplate extends Error {}

/** Reads a text with variables as github.com/fluxcd/pkg/envsubst/parse does, to its last peculiarity: a default ends at the
 *  first brace, `$$` is an escape outside of braces and in the arguments of a replacement only. Time is linear. */
export function parseTemplate(text: string): Template {
  try {
    return { ok: true, parts: [...new Parser(text).whole()] };
  } catch (error) {
    if (error instanceof MalformedTemplate) return { ok: false, why: error.message };
    throw error;
  }
}

const letter = /[\p{L}\p{Nd}_]/uy;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *whole(): Iterable<TemplatePart> {
    while (this.#at < this.#text.length) {
      if (this.#opens()) yield this.#expansion();
      else yield this.#run(() => true, '$');
    }
  }

  #opens(): boolean {
    return this.#text.startsWith('${', this.#at);
  }

  #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #refuse(why: string): never {
    throw new MalformedTemplate(why);
  }

  /** What comes up to a character that is not accepted, or `${`.
   *  @param escapes  which of `$` (before another) and `\` (before itself or a slash) escape what follows */
  #run(isAccepted: (character: string) => boolean, escapes: '' | '$' | '$\\'): string {
    const pieces: string[] = [];
    let start = this.#at;
    while (this.#at < this.#text.length && !this.#opens()) {
      const [first, second] = [this.#next(), this.#text[this.#at + 1] ?? ''];
      const isEscape =
        (first === '$' && second === '$' && escapes !== '') ||
        (first === '\\' && (second === '/' || second === '\\') && escapes === '$\\');
      if (isEscape) {
        pieces.push(this.#text.slice(start, this.#at));
        start = this.#at + 1;
        this.#at += 2;
      } else if (isAccepted(first)) this.#at++;
      else break;
    }
    return pieces.join('') + this.#text.slice(start, this.#at);
  }

  /** One argument: another expansion, or a text that is not empty. */
  #argument(isAccepted: (character: string) => boolean, escapes: '' | '$\\'): TemplatePart {
    if (this.#opens()) return this.#expansion();
    const start = this.#at;
    const text = this.#run(isAccepted, escapes);
    return this.#at === start ? this.#refuse('the substitution has no argument') : text;
  }

  #name(why: string): string {
    const start = this.#at;
    for (letter.lastIndex = this.#at; letter.test(this.#text); letter.lastIndex = this.#at)
      this.#at = letter.lastIndex;
    return start === this.#at ? this.#refuse(why) : this.#text.slice(start, this.#at);
  }

  #close(why = 'the substitution is malformed'): void {
    if (this.#next() !== '}') this.#refuse(why);
    this.#at++;
  }

  /** At most two of some characters. */
  #operator(characters: string): string {
    const start = this.#at;
    while (this.#at - start < 2 && this.#next() !== '' && characters.includes(this.#next())) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #expansion(): Expansion {
    if (++this.#depth > maxDepth) this.#refuse('substitutions are nested too deeply');
    this.#at += 2;
    const found = this.#inside();
    this.#depth--;
    return found;
  }

  #inside(): Expansion {
    if (this.#next() === '#') {
      this.#at++;
      const name = this.#name('the substitution is malformed');
      this.#close();
      return { name, operator: '#', args: [] };
    }
    const name = this.#name('no variable name follows "${"');
    const next = this.#next();
    if (next === ':' && !/[=\-?+]/.test(this.#text[this.#at + 1] ?? '')) return this.#part(name);
    if (next === ':' || next === '=') return this.#default(name);
    if (next === ',' || next === '^') {
      const operator = this.#operator(',^');
      this.#close();
      return { name, operator, args: [] };
    }
    if (next === '/') return this.#replacement(name);
    if (next === '#' || next === '%') {
      const operator = this.#operator(next);
      const args = [this.#argument(isNotClosing, '')];
      this.#close();
      return { name, operator, args };
    }
    this.#close('a closing brace is missing');
    return { name, operator: '', args: [] };
  }

  /** `:position` or `:position:length` */
  #part(name: string): Expansion {
    this.#at++;
    // The scanner goes back by the width of this character, which is more than the colon's.
    if ((this.#text.codePointAt(this.#at) ?? 0) > 0x7f) this.#refuse('the substitution is malformed');
    const args = [this.#argument((each) => each !== ':' && each !== '}', '')];
    if (this.#next() === '}') this.#at++;
    else if (this.#next() === ':') {
      while (this.#next() === ':') this.#at++;
      args.push(this.#argument(isNotClosing, ''));
      this.#close();
    } else this.#refuse('the substitution is malformed');
    return { name, operator: ':', args };
  }

  #default(name: string): Expansion {
    const operator = this.#next() === '=' ? '=' : this.#text.slice(this.#at, this.#at + 2);
    this.#at += operator.length;
    const args: TemplatePart[] = [];
    while (this.#next() !== '}') args.push(this.#argument(isNotClosing, ''));
    this.#close();
    return { name, operator, args };
  }

  /** `/pattern/text`, with `//` for every match, `/#` at the beginning, `/%` at the end */
  #replacement(name: string): Expansion {
    this.#at++;
    const mode = this.#next();
    const operator = mode !== '' && '/#%'.includes(mode) ? `/${mode}` : '/';
    this.#at += operator.length - 1;
    const args = [this.#argument((each) => each !== '/', '$\\')];
    if (this.#next() !== '/') this.#refuse('the substitution is malformed');
    while (this.#next() === '/') this.#at++;
    if (this.#next() !== '}') args.push(this.#argument(isNotClosing, '$\\'));
    this.#close();
    return { name, operator, args };
  }
}

function isNotClosing(character: string): boolean {
  return character !== '}';
}
