const PARTS = Symbol("parts");

/** What makes each part, by its name. */
interface Asked {
  readonly [PARTS]: Readonly<Record<string, () => unknown>>;
}

/**
 * An object whose properties are made when they are first read. To whom reads, lists, copies or
 * compares it, it is like any other: a report has parts that most programs never look at. It holds on
 * to all that the parts are made of.
 */
export function whenAsked<T extends object>(parts: { readonly [K in keyof T]: () => T[K] }): T {
  const object = Object.defineProperty({}, PARTS, { value: parts });
  for (const name of Object.keys(parts)) Object.defineProperty(object, name, partNamed(name));
  // Sound: each property of T has its part.
  return object as T;
}

const descriptors = new Map<string, PropertyDescriptor>();

/**
 * The property of a name, the same for all objects, or V8 would take each for a class of its own.
 * V8 keeps a getter, and what it holds, until it collects old garbage: it holds its name alone.
 */
function partNamed(name: string): PropertyDescriptor {
  const known = descriptors.get(name);
  if (known !== undefined) return known;
  const descriptor: PropertyDescriptor = {
    get(this: Asked) {
      const value = this[PARTS][name]?.();
      Object.defineProperty(this, name, { value });
      return value;
    },
    enumerable: true,
    configurable: true,
  };
  descriptors.set(name, descriptor);
  return descriptor;
}
