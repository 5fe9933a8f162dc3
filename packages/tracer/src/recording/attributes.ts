import type { Attribute, Attributes } from "@opcounter/ir/core";

/** A kernel's attributes as plain data, without functions and without what is undefined. */
export function toAttributes(attrs: object): Attributes {
  const plain: Record<string, Attribute> = {};
  const entries: readonly [string, unknown][] = Object.entries(attrs);
  for (const [name, value] of entries) {
    const attribute = toAttribute(value);
    if (attribute !== undefined) plain[name] = attribute;
  }
  return plain;
}

function toAttribute(value: unknown): Attribute | undefined {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  if (value === null) return null;
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) return value.map((element) => toAttribute(element) ?? null);
  if (isTypedArray(value)) return Array.from(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return toAttributes(value);
  // A canvas or another object of the host: only its class can be written down.
  return Object.prototype.toString.call(value);
}

function isTypedArray(value: object): value is Float32Array | Int32Array | Uint8Array {
  return ArrayBuffer.isView(value) && "length" in value;
}
