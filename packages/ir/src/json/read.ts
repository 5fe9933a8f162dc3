import type { core } from "zod/mini";
import { annotate } from "../analysis.ts";
import { elementAt } from "../element-at.ts";
import { OpcounterError } from "../errors.ts";
import type { Attribute, Attributes, Call, Graph, Op, OpId, Value, ValueId } from "../graph.ts";
import { DEEPEST_ATTRIBUTE, nestsDeeper } from "../nesting.ts";
import { NOTES } from "../notes.ts";
import { RECORDING } from "../recording.ts";
import { inEnglish } from "../schema-messages.ts";
import { verifyStructure } from "../verify/verify.ts";
import { type AttributeJson, GRAPH_SCHEMA_VERSION, isList, type NumberJson } from "./form.ts";
import { recordingFromJson, strayIn } from "./recording.ts";
import { type GraphJson, graphSchema, type OpJson, type ValueJson } from "./schema.ts";

/** Attributes stand within an op, within the list of ops, within the graph. */
const DEEPEST = DEEPEST_ATTRIBUTE + 8;

/**
 * Reads a graph from its JSON form.
 *
 * @throws OpcounterError "graph-json-invalid" that says what is wrong and where in the document;
 *   "graph-version-unsupported"; a VerifyError where the parts do not fit together.
 */
export function fromJson(json: unknown): Graph {
  checkVersion(json);
  if (nestsDeeper(json, DEEPEST)) throw invalid(`the graph's JSON nests deeper than ${DEEPEST}`);
  const parsed = graphSchema().graph.safeParse(json, inEnglish());
  if (!parsed.success) throw invalid(formatError(parsed.error, json));
  const { name, device, values, inputs, ops, calls, groups, results } = parsed.data;
  const { notes, recording } = parsed.data;
  const producers = producersOf(ops, values.length);
  const graph: Graph = {
    name,
    device,
    values: values.map((value, id) => valueFromJson(value, id, producers)),
    inputs,
    ops: ops.map(opFromJson),
    calls: calls.map(callFromJson),
    groups,
    results,
  };
  verifyStructure(graph);
  if (notes !== undefined) annotate(graph, NOTES, notes);
  if (recording !== undefined) {
    const stray = strayIn(graph, recording);
    if (stray !== undefined) throw invalid(stray);
    annotate(graph, RECORDING, recordingFromJson(recording));
  }
  return graph;
}

function invalid(sentence: string, remedy?: string): OpcounterError {
  return new OpcounterError("graph-json-invalid", sentence, { remedy });
}

function checkVersion(json: unknown): void {
  if (typeof json !== "object" || json === null || !("schemaVersion" in json)) {
    throw invalid(
      "the JSON is not an opcounter graph: it is not an object with a schemaVersion",
      "write one with `opcounter trace -o graph.json`",
    );
  }
  if (json.schemaVersion !== GRAPH_SCHEMA_VERSION) {
    throw new OpcounterError(
      "graph-version-unsupported",
      `the graph has schemaVersion ${JSON.stringify(json.schemaVersion)}, but this version of opcounter reads schemaVersion ${GRAPH_SCHEMA_VERSION}`,
      { remedy: "trace the model again" },
    );
  }
}

/** By value: the op that lists it as a result, and its index there. */
interface Producers {
  readonly ops: Int32Array;
  readonly indices: Int32Array;
}

function producersOf(ops: readonly OpJson[], valueCount: number): Producers {
  const producers = new Int32Array(valueCount).fill(-1);
  const indices = new Int32Array(valueCount);
  ops.forEach((op, id) => {
    op.results.forEach((result, index) => {
      const producer = producers[result];
      if (producer === undefined) {
        throw invalid(
          `ops[${id}].results[${index}] (op ${id}, ${op.kernel}) is value ${result}, ` +
            `but the graph has only ${valueCount} values`,
        );
      }
      if (producer !== -1) {
        throw invalid(
          `ops[${id}].results[${index}] (op ${id}, ${op.kernel}) is value ${result}, ` +
            `which op ${producer} already defines; a value is defined once`,
        );
      }
      producers[result] = id;
      indices[result] = index;
    });
  });
  return { ops: producers, indices };
}

function valueFromJson(json: ValueJson, id: ValueId, producers: Producers): Value {
  const op = elementAt(producers.ops, id);
  const { dtype, shape } = json;
  if (json.kind !== "result" && op !== -1) {
    throw invalid(`values[${id}] is of kind "${json.kind}", but op ${op} lists it as a result`);
  }
  switch (json.kind) {
    case "input":
      return { kind: "input", id, name: json.name, dtype, shape };
    case "param": {
      const { kind, name, trainable, role, stored, zeros } = json;
      return {
        ...{ kind, id, name, trainable, role, dtype, shape },
        ...(stored === undefined ? {} : { stored }),
        ...(zeros === undefined ? {} : { zeros }),
      };
    }
    case "constant":
      return json.data === undefined
        ? { kind: "constant", id, dtype, shape }
        : { kind: "constant", id, dtype, shape, data: json.data.map(elementFromJson) };
    case "result":
      if (op === -1) {
        throw invalid(`values[${id}] is of kind "result", but no op lists it as one`);
      }
      return { kind: "result", id, op, index: elementAt(producers.indices, id), dtype, shape };
  }
}

function opFromJson(json: OpJson, id: OpId): Op {
  return {
    id,
    kernel: json.kernel,
    operands: json.operands,
    attrs: json.attrs === undefined ? {} : attributesFromJson(json.attrs),
    results: json.results,
    scope: json.scope ?? [],
    ...(json.call === undefined ? {} : { call: json.call }),
    placement: json.placement ?? "gpu",
    dispatches: json.dispatches ?? [],
  };
}

function callFromJson({ parent, ...json }: GraphJson["calls"][number], id: number): Call {
  return { id, ...json, ...(parent === undefined ? {} : { parent }) };
}

function elementFromJson(element: NumberJson | string): number | string {
  return typeof element === "object" ? Number(element.$number) : element;
}

function attributesFromJson(attrs: Readonly<Record<string, AttributeJson>>): Attributes {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, attribute]) => [
      name.startsWith("$") ? name.slice(1) : name,
      attributeFromJson(attribute),
    ]),
  );
}

function attributeFromJson(attribute: AttributeJson): Attribute {
  if (typeof attribute !== "object" || attribute === null) return attribute;
  if (isList(attribute)) return attribute.map(attributeFromJson);
  if (isTaggedNumber(attribute)) return Number(attribute.$number);
  return attributesFromJson(attribute);
}

function isTaggedNumber(object: object): object is { readonly $number: string } {
  return "$number" in object;
}

/** One sentence about the first mistake: its path, its op, and what is wrong. */
function formatError(error: core.$ZodError, json: unknown): string {
  const issue = error.issues[0];
  if (issue === undefined) return "the JSON is not an opcounter graph";
  let path = "";
  for (const part of issue.path) {
    path += typeof part === "number" ? `[${part}]` : `${path === "" ? "" : "."}${String(part)}`;
  }
  const [section, index] = issue.path;
  const kernel = section === "ops" ? kernelAt(json, index) : undefined;
  const op = kernel === undefined ? "" : ` (op ${String(index)}, ${kernel})`;
  const what = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return `the graph's JSON is wrong at ${path === "" ? "its top level" : path}${op}: ${what}`;
}

function kernelAt(json: unknown, index: unknown): string | undefined {
  if (typeof json !== "object" || json === null || !("ops" in json)) return undefined;
  if (!Array.isArray(json.ops) || typeof index !== "number") return undefined;
  const op: unknown = json.ops[index];
  if (typeof op !== "object" || op === null || !("kernel" in op)) return undefined;
  return typeof op.kernel === "string" ? op.kernel : undefined;
}
