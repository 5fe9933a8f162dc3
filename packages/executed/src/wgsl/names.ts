import type { Function as FunctionNode } from "wgsl_reflect/wgsl_reflect.module.js";
import type { Place } from "./places.ts";

/** What names stand for, from the module's outermost scope to the innermost block. */
export class Names {
  readonly #scopes: Map<string, Place>[] = [new Map()];
  readonly functions = new Map<string, FunctionNode>();

  /** @param declare declares what the module names later than it is used; undefined for nothing. */
  constructor(readonly declare: (name: string) => Place | undefined) {}

  define(name: string, place: Place): void {
    this.#scopes.at(-1)?.set(name, place);
  }

  find(name: string): Place | undefined {
    const known = this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    if (known !== undefined) return known;
    const declared = this.declare(name);
    if (declared !== undefined) this.#scopes[0]?.set(name, declared);
    return declared;
  }

  /** Runs `body` in a scope of its own. */
  within<T>(body: () => T): T {
    this.#scopes.push(new Map());
    try {
      return body();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Runs `body` where only the module's names are seen, as in a function. */
  inFunction<T>(body: () => T): T {
    const outer = this.#scopes.splice(1);
    try {
      return this.within(body);
    } finally {
      this.#scopes.push(...outer);
    }
  }
}
