/** Puts an own property on an object; returns what takes it back. */
export function own(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

/**
 * Makes calls of an object's method go through `around`; returns what takes that back. Does nothing
 * where the object has no such method.
 *
 * @param around gets the object that the method was called on, the call itself, and its arguments.
 */
export function wrapMethod(
  target: object,
  name: string,
  around: (self: unknown, call: () => unknown, args: readonly unknown[]) => unknown,
): () => void {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== "function") return () => undefined;
  return own(target, name, function wrapped(this: unknown, ...args: unknown[]): unknown {
    return around(this, () => method.apply(this, args), args);
  });
}
