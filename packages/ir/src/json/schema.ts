import * as z from "zod/mini";
import { CALL_KINDS, PARAM_ROLES, PLACEMENTS } from "../graph.ts";
import { DTYPES, STORED_TYPES } from "../types.ts";
import { type AttributeJson, GRAPH_SCHEMA_VERSION, type NumberJson, UNWRITABLE } from "./form.ts";
import { recordingSchema } from "./recording-schema.ts";

const TAGS = `a tagged number is {"$number": …} with ${UNWRITABLE.map((tag) => `"${tag}"`).join(", ")}`;
const KEYS = "a key that begins with $ is written with one $ more";

function makeGraphSchema() {
  const named = z.registry<{ readonly id: string; readonly description: string }>();
  const id = z.int().check(z.nonnegative());
  const ids = z.array(id);
  const names = z.array(z.string());
  const number: z.ZodMiniType<NumberJson> = z.union([
    z.number(),
    z.strictObject({ $number: z.enum(UNWRITABLE) }),
  ]);
  named.add(number, { id: "Number", description: "A number; NaN, infinities and -0 are tagged." });
  // A key with one `$` is a tagged number; the writer gives other keys that begin so a second `$`.
  const key = z.string().check(z.regex(/^(?!\$(?!\$))/));
  const attribute: z.ZodMiniType<AttributeJson> = z.lazy(() =>
    z.union(
      [number, z.string(), z.boolean(), z.null(), z.array(attribute), z.record(key, attribute)],
      { error: `expected a number, string, boolean, null, list or object; ${TAGS}, and ${KEYS}` },
    ),
  );
  named.add(attribute, {
    id: "Attribute",
    description: "A number, string, boolean, null, list or object.",
  });
  const type = { dtype: z.enum(DTYPES), shape: z.array(id) };
  const value = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("input"), name: z.string(), ...type }),
    z.strictObject({
      kind: z.literal("param"),
      name: z.string(),
      ...type,
      trainable: z.boolean(),
      role: z.enum(PARAM_ROLES),
      stored: z.optional(z.enum(STORED_TYPES)),
      zeros: z.optional(id),
    }),
    z.strictObject({
      kind: z.literal("constant"),
      ...type,
      data: z.optional(
        z.array(z.union([number, z.string()], { error: `expected a number or string; ${TAGS}` })),
      ),
    }),
    z.strictObject({ kind: z.literal("result"), ...type }),
  ]);
  // A value, or the type of one that a pass has removed.
  const callValue = z.union([id, z.strictObject(type)]);
  const extent = z.tuple([id, id, id]);
  const dispatch = z.strictObject({
    program: z.string(),
    workgroups: extent,
    workgroupSize: z.exactOptional(extent),
    shader: z.exactOptional(z.string()),
    entryPoint: z.exactOptional(z.string()),
    constants: z.exactOptional(z.record(z.string(), z.number())),
    buffers: z.exactOptional(ids),
    uniforms: z.exactOptional(z.array(z.int())),
    gpuTime: z.exactOptional(
      z.strictObject({ ns: z.nullable(z.number()), low: z.number(), high: z.number(), runs: id }),
    ),
  });
  const op = z.strictObject({
    kernel: z.string(),
    operands: z.record(z.string(), id),
    attrs: z.optional(
      z.record(key, attribute, {
        error: ({ code }) => (code === "invalid_key" ? KEYS : undefined),
      }),
    ),
    results: ids,
    scope: z.optional(names),
    call: z.optional(id),
    placement: z.optional(z.enum(PLACEMENTS)),
    dispatches: z.optional(z.array(dispatch)),
  });
  const call = z.strictObject({
    kind: z.enum(CALL_KINDS),
    className: z.string(),
    scope: names,
    parent: z.optional(id),
    inputs: z.array(callValue),
    results: z.array(callValue),
    params: ids,
  });
  const graph = z.strictObject({
    schemaVersion: z.literal(GRAPH_SCHEMA_VERSION),
    name: z.string(),
    device: z.string(),
    values: z.array(value),
    inputs: ids,
    ops: z.array(op),
    calls: z.array(call),
    groups: z.array(z.strictObject({ pattern: z.string(), ops: ids })),
    results: ids,
    notes: z.exactOptional(names),
    recording: z.exactOptional(recordingSchema()),
  });
  return { graph, named };
}

let made: ReturnType<typeof makeGraphSchema> | undefined;

/** The schema of the JSON form and the names of its parts, made on first use. */
export function graphSchema(): ReturnType<typeof makeGraphSchema> {
  made ??= makeGraphSchema();
  return made;
}

export type GraphJson = z.output<ReturnType<typeof makeGraphSchema>["graph"]>;
export type OpJson = GraphJson["ops"][number];
export type ValueJson = GraphJson["values"][number];

/** The JSON Schema (draft 2020-12) of the JSON form. */
export function graphJsonSchema(): Record<string, unknown> {
  const { graph, named } = graphSchema();
  return { ...z.toJSONSchema(graph, { metadata: named }), title: "opcounter graph" };
}
