/** By this name, in its global scope, TensorFlow.js keeps the engine that all its copies share. */
const ENGINE = "_tfengine";
/** By this mark on it, opcounter itself traces. */
const TRACING = Symbol.for("opcounter.tracing");

/** All that a program does with TensorFlow.js begins with one of these. */
const FIRST_CALLS = ["makeTensor", "runKernel"];

/**
 * Calls listeners as a global scope loads TensorFlow.js and first uses it: what looks for it now
 * and then comes too late where a page runs its model at once.
 *
 * @param onUse is called before the first tensor is made and before the first kernel runs, once.
 */
export function onFirstUse(scope: object, onLoad: () => void, onUse: () => void): void {
  Object.defineProperty(scope, ENGINE, {
    configurable: true,
    get: () => undefined,
    set(engine: object) {
      const plain = { configurable: true, enumerable: true, writable: true };
      Object.defineProperty(scope, ENGINE, { ...plain, value: engine });
      onLoad();
      beforeFirstCall(engine, onUse);
    },
  });
}

function beforeFirstCall(engine: object, onUse: () => void): void {
  const prototype: object = Object.getPrototypeOf(engine);
  const names = FIRST_CALLS.filter((name) => name in prototype);
  for (const name of names) {
    const value = (...args: readonly unknown[]): unknown => {
      // A trace has put its own around these, and takes them back first.
      const isFirst = !Reflect.has(engine, TRACING);
      if (isFirst) {
        for (const each of names) Reflect.deleteProperty(engine, each);
        onUse();
      }
      // As it now is: what uses the engine may have put its own in its place.
      return Reflect.apply(Reflect.get(isFirst ? engine : prototype, name), engine, args);
    };
    Object.defineProperty(engine, name, { value, configurable: true, writable: true });
  }
}
