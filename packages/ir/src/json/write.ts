import type { Attribute, Attributes, CallValue, Graph, Op, Value } from "../graph.ts";
import { notesOf } from "../notes.ts";
import { recordingOf } from "../recording.ts";
import { type AttributeJson, GRAPH_SCHEMA_VERSION, isList, type NumberJson } from "./form.ts";
import { recordingToJson } from "./recording.ts";
import type { GraphJson, OpJson, ValueJson } from "./schema.ts";

/** Gives the JSON form of a graph: plain data that `JSON.stringify` writes without loss. */
export function toJson(graph: Graph): GraphJson {
  const notes = notesOf(graph);
  const recording = recordingOf(graph);
  return {
    schemaVersion: GRAPH_SCHEMA_VERSION,
    name: graph.name,
    device: graph.device,
    values: graph.values.map(valueToJson),
    inputs: [...graph.inputs],
    ops: graph.ops.map(opToJson),
    calls: graph.calls.map(({ id: _, parent, ...call }) => ({
      kind: call.kind,
      className: call.className,
      scope: [...call.scope],
      ...(parent === undefined ? {} : { parent }),
      inputs: call.inputs.map(callValueToJson),
      results: call.results.map(callValueToJson),
      params: [...call.params],
    })),
    groups: graph.groups.map(({ pattern, ops }) => ({ pattern, ops: [...ops] })),
    results: [...graph.results],
    ...(notes.length === 0 ? {} : { notes: [...notes] }),
    ...(recording === undefined ? {} : { recording: recordingToJson(recording) }),
  };
}

function callValueToJson(value: CallValue) {
  return typeof value === "number" ? value : { dtype: value.dtype, shape: [...value.shape] };
}

function valueToJson(value: Value): ValueJson {
  const { kind, dtype } = value;
  const shape = [...value.shape];
  switch (kind) {
    case "input":
      return { kind, name: value.name, dtype, shape };
    case "param":
      return {
        kind,
        name: value.name,
        dtype,
        shape,
        trainable: value.trainable,
        role: value.role,
        ...(value.stored === undefined ? {} : { stored: value.stored }),
        ...(value.zeros === undefined ? {} : { zeros: value.zeros }),
      };
    case "constant":
      return value.data === undefined
        ? { kind, dtype, shape }
        : { kind, dtype, shape, data: value.data.map(elementToJson) };
    case "result":
      return { kind, dtype, shape };
  }
}

function opToJson(op: Op): OpJson {
  const json: OpJson = {
    kernel: op.kernel,
    operands: { ...op.operands },
    results: [...op.results],
  };
  if (!isEmpty(op.attrs)) json.attrs = attributesToJson(op.attrs);
  if (op.scope.length > 0) json.scope = [...op.scope];
  if (op.call !== undefined) json.call = op.call;
  if (op.placement !== "gpu") json.placement = op.placement;
  if (op.dispatches.length > 0) {
    // Sound: it is plain data of the schema's type, only readonly, and nothing changes it here.
    json.dispatches = op.dispatches as NonNullable<OpJson["dispatches"]>;
  }
  return json;
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

function elementToJson(element: number | string): NumberJson | string {
  return typeof element === "string" ? element : numberToJson(element);
}

function numberToJson(number: number): NumberJson {
  if (Object.is(number, -0)) return { $number: "-0" };
  if (Number.isFinite(number)) return number;
  if (Number.isNaN(number)) return { $number: "NaN" };
  return { $number: number > 0 ? "Infinity" : "-Infinity" };
}

function attributesToJson(attrs: Attributes): Record<string, AttributeJson> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, attribute]) => [
      name.startsWith("$") ? `$${name}` : name,
      attributeToJson(attribute),
    ]),
  );
}

function attributeToJson(attribute: Attribute): AttributeJson {
  if (typeof attribute === "number") return numberToJson(attribute);
  if (typeof attribute !== "object" || attribute === null) return attribute;
  if (isList(attribute)) return attribute.map(attributeToJson);
  return attributesToJson(attribute);
}
