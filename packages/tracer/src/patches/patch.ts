import { OpcounterError } from "@opcounter/ir/core";
import { host } from "#host";
import type { AsyncContext } from "../host/host.ts";

/**
 * Sets an own property of an object. Returns what restores the object as it was.
 *
 * Where the host follows the program that sets it, the program alone sees the value. Other code,
 * which runs while the program awaits, sees the object as it was before.
 */
export function own(target: object, name: string, value: unknown): () => void {
  const context = host.asyncContext;
  if (context?.isInside()) return ownInside(context, target, name, value);
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => restore(target, name, before);
}

function restore(target: object, name: string, before: PropertyDescriptor | undefined): void {
  if (before === undefined) Reflect.deleteProperty(target, name);
  else Object.defineProperty(target, name, before);
}

/** As `own`, for code inside the context. What other code sets meanwhile stays set. */
function ownInside(
  context: AsyncContext,
  target: object,
  name: string,
  given: unknown,
): () => void {
  let inside = given;
  let outside = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    configurable: true,
    get() {
      if (context.isInside()) return inside;
      if (outside === undefined) return Reflect.get(Object.getPrototypeOf(target), name, this);
      return outside.get === undefined ? outside.value : outside.get.call(this);
    },
    set(value: unknown) {
      const plain = { value, configurable: true, enumerable: true, writable: true };
      // An object whose prototype is patched gets a property of its own, as by any assignment.
      if (this !== target) Object.defineProperty(this, name, plain);
      else if (context.isInside()) inside = value;
      else if (outside?.set !== undefined) outside.set.call(this, value);
      else outside = outside === undefined ? plain : { ...outside, value };
    },
  });
  return () => restore(target, name, outside);
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
