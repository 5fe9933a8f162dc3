import type { Attribute, Attributes } from "@opcounter/ir/core";

/** A kernel's attributes as plain data, without functions and without what is undefined. */
export function toAttributes(attrs: object): Attributes {
  const plain: Record<string, Attribute> = {};
  // Of a copy, whose names are all its own. Lists of entries take longer, and kernels are many.
  const record: Readonly<Record<string, unknown>> = { ...attrs };
  for (const name in record) {
    const attribute = toAttribute(record[name]);
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
