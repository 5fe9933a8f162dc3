/**
 * An object whose properties are made when they are first read. To whom reads, lists, copies or
 * compares it, it is like any other: a report has parts that most programs never look at. Until a part
 * is made, the object holds on to all that the parts are made of.
 */
export function whenAsked<T extends object>(parts: { readonly [K in keyof T]: () => T[K] }): T {
  const object = {};
  for (const [name, make] of Object.entries<() => unknown>(parts)) {
    Object.defineProperty(object, name, {
      get() {
        const value = make();
        Object.defineProperty(object, name, { value });
        return value;
      },
      enumerable: true,
      configurable: true,
    });
  }
  // Sound: each property of T has its part.
  return object as T;
}
