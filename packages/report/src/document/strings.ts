import type { StringIndex } from "./document.ts";

/** Gathers the strings of a document, each once. */
export class Strings {
  readonly list: string[] = [];
  readonly #indices = new Map<string, StringIndex>();

  /** The index of a string, which is added where it is new; −1 of undefined and null. */
  index(text: string | undefined | null): StringIndex {
    if (text === undefined || text === null) return -1;
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    const added = this.list.push(text) - 1;
    this.#indices.set(text, added);
    return added;
  }
}
