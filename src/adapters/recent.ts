/** Values that can be had again, kept up to a weight in all: those that nobody asked for longest go first. */
export class Recent<T> {
  readonly #most: number;
  readonly #kept = new Map<string, { readonly value: T; readonly weight: number }>();
  #weight = 0;

  /** @param most  what all of them may weigh */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  set(key: string, value: T, weight: number): void {
    this.#remove(key);
    this.#kept.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#kept.keys()) {
      if (this.#weight <= this.#most) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#weight -= this.#kept.get(key)?.weight ?? 0;
    this.#kept.delete(key);
  }
}
