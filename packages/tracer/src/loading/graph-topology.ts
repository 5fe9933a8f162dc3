import { OpcounterError } from "@opcounter/ir/core";
import * as z from "zod";
import type { ModelJson } from "./model-json.ts";

/** A dimension's size. Protobuf's JSON writes 64-bit integers as strings or numbers. */
const size = z.union([z.int(), z.string().regex(/^-?\d+$/, "a size is no integer")]).nullish();

const shape = z.looseObject({
  shape: z.looseObject({ dim: z.array(z.looseObject({ size })).nullish() }).nullish(),
});

/** The members of a graph model's node that are checked here. tfjs checks the others. */
const node = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).nullish(),
  attr: z.looseObject({ shape: shape.nullish() }).nullish(),
});
type Node = z.output<typeof node>;

const nodes = z.array(node).min(1, "it has no nodes");

const argument = z.looseObject({ name: z.string() });

/** A function that a loop or a branch calls. */
const functions = z.array(
  z.looseObject({
    signature: z.looseObject({
      name: z.string(),
      inputArg: z.array(argument),
      outputArg: z.array(argument),
    }),
    nodeDef: z.array(node).nullish(),
    ret: z.record(z.string(), z.string()),
  }),
);

const signature = z.looseObject({
  outputs: z.record(z.string(), z.looseObject({ name: z.string() })).nullish(),
});

/**
 * Checks what tfjs accepts silently and then does not run: nodes in a cycle, inputs and outputs
 * that no node makes, sizes that are no numbers.
 *
 * @param location the file's name, for messages.
 * @throws OpcounterError "model-invalid" that names the node.
 */
export function checkGraph(location: string, model: ModelJson): void {
  const refuse = (what: string) =>
    new OpcounterError("model-invalid", `${location} is not a whole graph model: ${what}.`);
  const given = nodesOf(model, refuse);
  checkFunctions(model, refuse);
  for (const { name, op, attr } of given) {
    const dimensions = op === "Placeholder" ? attr?.shape?.shape?.dim : undefined;
    if (dimensions?.some(({ size }) => size == null)) {
      throw refuse(`the shape of its input "${name}" has a dimension without a size`);
    }
  }
  const byName = new Map(given.map((node) => [node.name, node]));
  for (const { name, input } of byName.values()) {
    const missing = input?.find((source) => !byName.has(nodeName(source)));
    if (missing !== undefined) {
      throw refuse(`its node "${name}" takes "${missing}", which is none of its nodes`);
    }
  }
  const lost = outputNames(model).find((name) => !byName.has(nodeName(name)));
  if (lost !== undefined) throw refuse(`its output "${lost}" is none of its nodes`);
  const cycle = findCycle(byName);
  if (cycle !== undefined) {
    const names = cycle.map((name) => `"${name}"`).join(", ");
    throw refuse(
      cycle.length === 1
        ? `its node ${names} takes its own result`
        : `its nodes ${names} take each other's results in a circle`,
    );
  }
}

function nodesOf(model: ModelJson, refuse: (what: string) => OpcounterError): readonly Node[] {
  const given = model.modelTopology["node"];
  if (Array.isArray(given) && given.length > 0 && given.every(isNode)) return given;
  const parsed = nodes.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = ["modelTopology", "node", ...(issue?.path ?? [])].join(".");
  throw refuse(`${issue?.message ?? "it does not fit"} at ${where}`);
}

/** Most of 40,000 nodes have no shape, and are seen to be whole without the copy that zod makes. */
function isNode(given: unknown): given is Node {
  const { name, op, input, attr } = Object(given);
  const isPlain =
    typeof name === "string" &&
    typeof op === "string" &&
    (input == null || (Array.isArray(input) && input.every((one) => typeof one === "string"))) &&
    (attr == null || (typeof attr === "object" && !Array.isArray(attr) && attr.shape == null));
  return isPlain || node.safeParse(given).success;
}

/** Checks that the model's functions have the parts that tfjs reads without a look. */
function checkFunctions(model: ModelJson, refuse: (what: string) => OpcounterError): void {
  const given = Object(model.modelTopology["library"])["function"] ?? [];
  const parsed = functions.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = ["modelTopology", "library", "function", ...(issue?.path ?? [])].join(".");
    throw refuse(`${issue?.message ?? "it does not fit"} at ${where}`);
  }
  for (const { signature, ret } of parsed.data) {
    const lost = signature.outputArg.find(({ name }) => !Object.hasOwn(ret, name));
    if (lost !== undefined) {
      throw refuse(`its function "${signature.name}" does not say what "${lost.name}" returns`);
    }
  }
}

/**
 * The node of an input: of `^conv`, which only waits, `conv`; of `split:1`, a second result,
 * `split`.
 */
function nodeName(input: string): string {
  return input.replace(/^\^/, "").replace(/:\d+$/, "");
}

/** The outputs that the model's signature names. */
function outputNames({ signature: own, userDefinedMetadata }: ModelJson): string[] {
  const given = own ?? Object(userDefinedMetadata)["signature"];
  const { data } = signature.safeParse(given);
  return Object.values(data?.outputs ?? {}).map(({ name }) => name);
}

/** The names of nodes in a cycle. Loops, which a NextIteration closes, are no such cycles. */
function findCycle(byName: ReadonlyMap<string, Node>): string[] | undefined {
  const waiting = new Set(byName.keys());
  const awaited = (name: string) =>
    byName
      .get(name)
      ?.input?.map(nodeName)
      .find((source) => waiting.has(source) && byName.get(source)?.op !== "NextIteration");
  // Each round removes the nodes that wait for no other. The nodes that are left wait for a cycle.
  for (let before = Number.POSITIVE_INFINITY; waiting.size < before; ) {
    before = waiting.size;
    for (const name of waiting) if (awaited(name) === undefined) waiting.delete(name);
  }
  const path: string[] = [];
  let [name] = waiting;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    name = awaited(name);
  }
  return name === undefined ? undefined : path.slice(path.indexOf(name));
}
