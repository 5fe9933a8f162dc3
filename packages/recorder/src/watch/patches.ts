import { replace, runAll } from "@opcounter/tracer/webgpu";

/** What runs in place of a method: `call` runs the method itself with the arguments it was given. */
type Around<T, N extends keyof T> = T[N] extends (...args: infer A) => infer R
  ? (self: T, call: () => R, ...args: A) => R
  : never;
type Arounds<T> = { readonly [N in keyof T]?: Around<T, N> };

/**
 * Patches of WebGPU's classes. An object is patched by its class, once, so that a program which makes
 * a million buffers has no more patches than one with two; objects that nobody watches pass through.
 */
export class Patches {
  readonly #undo: (() => void)[] = [];
  /** The methods that are patched, by the prototype that they stand on. */
  readonly #patched = new Map<object, Set<string>>();

  /**
   * Puts functions around methods of an object's class.
   *
   * A method that the class lacks, since the implementation is older or has no rendering, is left out.
   */
  ofClass<T extends object>(instance: T, arounds: Arounds<T>): void {
    for (const [name, around] of Object.entries(arounds)) {
      const owner = ownerOf(instance, name);
      if (owner === undefined || typeof around !== "function") continue;
      const method: unknown = Reflect.get(owner, name);
      if (typeof method !== "function" || this.#isPatched(owner, name)) continue;
      this.later(
        replace(owner, name, function patched(this: T, ...args: unknown[]): unknown {
          const call = () => Reflect.apply(method, this, args);
          return Reflect.apply(around, undefined, [this, call, ...args]);
        }),
      );
    }
  }

  /** Runs at the end, the last first. */
  later(step: () => void): void {
    this.#undo.push(step);
  }

  /** Takes all back. */
  undo(): void {
    runAll(this.#undo.splice(0).reverse());
    this.#patched.clear();
  }

  #isPatched(owner: object, name: string): boolean {
    const names = this.#patched.get(owner) ?? new Set();
    this.#patched.set(owner, names);
    if (names.has(name)) return true;
    names.add(name);
    return false;
  }
}

/** The prototype that a method stands on, or the object itself. */
function ownerOf(instance: object, name: string): object | undefined {
  for (let at: object | null = instance; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return at;
  }
  return undefined;
}
