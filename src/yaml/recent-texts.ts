/** What was made of texts lately, by the text itself: the one asked for longest ago is forgotten first. */
export class RecentTexts<T> {
  readonly #known = new Map<string, T>();
  readonly #limit: number;
  #size = 0;

  /** @param limit  of all texts together, in characters */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(text: string): T | undefined {
    const known = this.#known.get(text);
    if (known === undefined) return undefined;
    this.#known.delete(text);
    this.#known.set(text, known);
    return known;
  }

  /** @param made  of a text that is not known
   *  @returns the same */
  add(text: string, made: T): T {
    this.#known.set(text, made);
    this.#size += text.length;
    for (const [oldest] of this.#known) {
      if (this.#size <= this.#limit) break;
      this.#known.delete(oldest);
      this.#size -= oldest.length;
    }
    return made;
  }
}
