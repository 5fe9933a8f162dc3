import { OpcounterError } from "@opcounter/ir/core";

/** Sets an own property of an object. Returns what restores the object as it was. */
export function own(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

/**
 * Makes calls of an object's method go through `around`. Returns what restores the method.
 *
 * @param around gets the object that the method was called on, the call itself, and its arguments.
 * @throws OpcounterError "tfjs-unsupported" where the object has no such method.
 */
export function wrapMethod(
  target: object,
  name: string,
  around: (self: unknown, call: () => unknown, args: readonly unknown[]) => unknown,
): () => void {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== "function") throw unsupportedMember(target, name);
  return own(target, name, function wrapped(this: unknown, ...args: unknown[]): unknown {
    return around(this, () => method.apply(this, args), args);
  });
}

/** The error where an object of tfjs lacks a member that opcounter patches. */
export function unsupportedMember(target: object, name: string): OpcounterError {
  const what = target.constructor?.name ?? "object";
  return new OpcounterError(
    "tfjs-unsupported",
    `TensorFlow.js's ${what} has no "${name}", through which opcounter records`,
    { remedy: "use @tensorflow/tfjs 4.10 to 4.22" },
  );
}
