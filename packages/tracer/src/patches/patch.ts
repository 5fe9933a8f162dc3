import { OpcounterError } from "@opcounter/ir/core";
import { host } from "#host";
import type { AsyncContext } from "../host/host.ts";

/** A method of an object, as it is called. */
type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Sets an own property of an object. Returns what restores the object as it was.
 *
 * Where the host follows the program that sets it, the program alone sees the value. Other code,
 * which runs while the program awaits, finds what was there before.
 */
export function own(target: object, name: string, value: unknown): () => void {
  const context = host.asyncContext;
  if (!context?.isInside()) return replace(target, name, value);
  const before: unknown = Reflect.get(target, name);
  const areMethods = isMethod(value) && isMethod(before);
  return areMethods
    ? ownMethod(context, target, name, { inside: value, outside: before })
    : ownValue(context, target, name, value);
}

/**
 * Sets an own property, for all code: of an object that other code does not have. Returns what
 * restores the object as it was.
 */
export function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => restore(target, name, before);
}

function restore(target: object, name: string, before: PropertyDescriptor | undefined): void {
  if (before === undefined) Reflect.deleteProperty(target, name);
  else Object.defineProperty(target, name, before);
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

/**
 * As `own`, for a method inside the context: one method for all code, which goes to either. With
 * accessors, V8 would give the object a new hidden class for each trace, and compile tfjs anew.
 */
function ownMethod(
  context: AsyncContext,
  target: object,
  name: string,
  { inside, outside }: { readonly inside: Method; readonly outside: Method },
): () => void {
  let isOver = false;
  const either: Method = function either(...args) {
    return (!isOver && context.isInside() ? inside : outside).apply(this, args);
  };
  const takeBack = replace(target, name, either);
  return () => {
    isOver = true;
    // What was put in its place meanwhile stays, and goes on to what was there before.
    if (Object.getOwnPropertyDescriptor(target, name)?.value === either) takeBack();
  };
}

/** As `own`, for a value inside the context. What other code sets meanwhile stays set. */
function ownValue(context: AsyncContext, target: object, name: string, given: unknown): () => void {
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
    { remedy: "use @tensorflow/tfjs 3.21 to 4.22" },
  );
}
