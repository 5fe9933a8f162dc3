import { z } from "zod";
import { UserError } from "./errors.ts";
import type {
  Attribute,
  Attributes,
  Call,
  CallValue,
  Graph,
  Op,
  OpId,
  Value,
  ValueId,
} from "./graph.ts";
import { CALL_KINDS, PARAM_ROLES, PLACEMENTS } from "./graph.ts";
import { DTYPES, STORED_TYPES } from "./types.ts";
import { verifyStructure } from "./verify/verify.ts";

/**
 * The JSON form of a graph: the `Graph` itself, with what can be told from the rest left out, so
 * that a graph of a million ops stays readable and small.
 *
 * - Ids are not written: the n-th element of `values`, `ops` and `calls` has id n. A result value
 *   does not name its op: the op lists its results.
 * - An empty scope, no attributes, placement `gpu` and no dispatches are left out.
 * - Numbers that JSON has no notation for are written `{"$number": "NaN"}`, with `"Infinity"`,
 *   `"-Infinity"` and `"-0"` likewise. So that no attribute is mistaken for one, a key of an
 *   attribute object that begins with `$` is written with one `$` more.
 */
export const GRAPH_SCHEMA_VERSION = 1;

/** A file or object that is not a graph in JSON form. */
export class GraphJsonError extends UserError {
  override name = "GraphJsonError";
}

const UNWRITABLE = ["NaN", "Infinity", "-Infinity", "-0"] as const;
type NumberJson = number | { readonly $number: (typeof UNWRITABLE)[number] };
export type AttributeJson =
  | NumberJson
  | string
  | boolean
  | null
  | readonly AttributeJson[]
  | { readonly [name: string]: AttributeJson };

const TAGS = `a tagged number is {"$number": …} with ${UNWRITABLE.map((tag) => `"${tag}"`).join(", ")}`;
const KEYS = "a key that begins with $ is written with one $ more";

/** The schema is made on first use: a program that reads no JSON does not pay for it. */
function makeGraphSchema() {
  const id = z.int().nonnegative();
  const ids = z.array(id);
  const names = z.array(z.string());
  const number: z.ZodType<NumberJson> = z
    .union([z.number(), z.strictObject({ $number: z.enum(UNWRITABLE) })])
    .meta({ id: "Number", description: "A number; NaN, infinities and -0 are tagged." });
  // As the writer escapes them, so that nothing but a tagged number looks like one.
  const key = z.string().regex(/^(?!\$(?!\$))/);
  const attribute: z.ZodType<AttributeJson> = z
    .lazy(() =>
      z.union(
        [number, z.string(), z.boolean(), z.null(), z.array(attribute), z.record(key, attribute)],
        { error: `expected a number, string, boolean, null, list or object; ${TAGS}, and ${KEYS}` },
      ),
    )
    .meta({ id: "Attribute", description: "A number, string, boolean, null, list or object." });
  const type = { dtype: z.enum(DTYPES), shape: z.array(id) };
  const value = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("input"), name: z.string(), ...type }),
    z.strictObject({
      kind: z.literal("param"),
      name: z.string(),
      ...type,
      trainable: z.boolean(),
      role: z.enum(PARAM_ROLES),
      stored: z.enum(STORED_TYPES).optional(),
      zeros: z.int().nonnegative().optional(),
    }),
    z.strictObject({
      kind: z.literal("constant"),
      ...type,
      data: z
        .array(z.union([number, z.string()], { error: `expected a number or string; ${TAGS}` }))
        .optional(),
    }),
    z.strictObject({ kind: z.literal("result"), ...type }),
  ]);
  // A value, or the type of one that a pass has taken away.
  const callValue = z.union([id, z.strictObject(type)]);
  const extent = z.tuple([id, id, id]);
  const dispatch = z.strictObject({
    program: z.string(),
    workgroups: extent,
    workgroupSize: extent.exactOptional(),
    shader: z.string().exactOptional(),
    buffers: ids.exactOptional(),
    uniforms: z.array(z.int()).exactOptional(),
    gpuTime: z
      .strictObject({ ns: z.number().nullable(), low: z.number(), high: z.number(), runs: id })
      .exactOptional(),
  });
  const op = z.strictObject({
    kernel: z.string(),
    operands: z.record(z.string(), id),
    attrs: z
      .record(key, attribute, { error: ({ code }) => (code === "invalid_key" ? KEYS : undefined) })
      .optional(),
    results: ids,
    scope: names.optional(),
    call: id.optional(),
    placement: z.enum(PLACEMENTS).optional(),
    dispatches: z.array(dispatch).optional(),
  });
  const call = z.strictObject({
    kind: z.enum(CALL_KINDS),
    className: z.string(),
    scope: names,
    parent: id.optional(),
    inputs: z.array(callValue),
    results: z.array(callValue),
    params: ids,
  });
  return z.strictObject({
    schemaVersion: z.literal(GRAPH_SCHEMA_VERSION),
    name: z.string(),
    device: z.string(),
    values: z.array(value),
    inputs: ids,
    ops: z.array(op),
    calls: z.array(call),
    groups: z.array(z.strictObject({ pattern: z.string(), ops: ids })),
    results: ids,
  });
}

let graphSchemaMemo: ReturnType<typeof makeGraphSchema> | undefined;
function graphSchema(): ReturnType<typeof makeGraphSchema> {
  graphSchemaMemo ??= makeGraphSchema();
  return graphSchemaMemo;
}

export type GraphJson = z.output<ReturnType<typeof makeGraphSchema>>;
type OpJson = GraphJson["ops"][number];
type ValueJson = GraphJson["values"][number];

/** The JSON Schema (draft 2020-12) of the JSON form. */
export function graphJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(graphSchema()), title: "opcounter graph" };
}

/** The JSON form of a graph: plain data that `JSON.stringify` writes without loss. */
export function toJson(graph: Graph): GraphJson {
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
    // Sound: plain data of the schema's type, but for being readonly there; nothing changes it here.
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

/** `Array.isArray` that also narrows readonly arrays. */
function isList<T extends object>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value);
}

/**
 * The graph that a JSON form holds. Throws a GraphJsonError whose one sentence says where in the
 * document what is wrong, or a VerifyError where its parts do not fit together.
 */
export function fromJson(json: unknown): Graph {
  checkVersion(json);
  const parsed = graphSchema().safeParse(json);
  if (!parsed.success) throw new GraphJsonError(formatError(parsed.error, json));
  const { name, device, values, inputs, ops, calls, groups, results } = parsed.data;
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
  return graph;
}

function checkVersion(json: unknown): void {
  if (typeof json !== "object" || json === null || !("schemaVersion" in json)) {
    throw new GraphJsonError(
      "the JSON is no opcounter graph: it is not an object with a schemaVersion; " +
        "write one with `opcounter trace -o graph.json`",
    );
  }
  if (json.schemaVersion !== GRAPH_SCHEMA_VERSION) {
    throw new GraphJsonError(
      `the graph has schemaVersion ${JSON.stringify(json.schemaVersion)}, but this version of ` +
        `opcounter reads schemaVersion ${GRAPH_SCHEMA_VERSION}; trace the model again`,
    );
  }
}

/** For each value the op that lists it as a result, and at which place. */
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
        throw new GraphJsonError(
          `ops[${id}].results[${index}] (op ${id}, ${op.kernel}) is value ${result}, ` +
            `but the graph has only ${valueCount} values`,
        );
      }
      if (producer !== -1) {
        throw new GraphJsonError(
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
  const op = producers.ops[id] ?? -1;
  const { dtype, shape } = json;
  if (json.kind !== "result" && op !== -1) {
    throw new GraphJsonError(
      `values[${id}] is of kind "${json.kind}", but op ${op} lists it as a result`,
    );
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
        throw new GraphJsonError(`values[${id}] is of kind "result", but no op lists it as one`);
      }
      return { kind: "result", id, op, index: producers.indices[id] ?? 0, dtype, shape };
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

/** One sentence for the first thing wrong: where, by path and op, and what. */
function formatError(error: z.ZodError, json: unknown): string {
  const issue = error.issues[0];
  if (issue === undefined) return "the JSON is no opcounter graph";
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
