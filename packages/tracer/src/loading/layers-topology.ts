import { counted, OpcounterError, repeatedName } from "@opcounter/ir/core";
import * as z from "zod";

/** A tensor that a layer takes: the layer that gives it, which of its calls, which result. */
const source = z
  .tuple([z.string(), z.int().nonnegative(), z.int().nonnegative()])
  .rest(z.unknown());
type Source = z.output<typeof source>;

/** A Sequential may have its list of layers in the place of its configuration. */
const config = z.preprocess(
  (given) => (Array.isArray(given) ? { layers: given } : given),
  z.looseObject({ name: z.string().nullish() }),
);

/** The parts of a layer's entry that are checked; the rest is left to tfjs. */
const layer = z.looseObject({
  class_name: z.string(),
  name: z.string().optional(),
  config,
  // One entry per call of the layer: the tensors that the call takes. tfjs never makes a call that
  // takes none, and waits for its output without end.
  inbound_nodes: z.array(z.array(source).min(1, "a call that takes nothing")).optional(),
});
type Layer = z.output<typeof layer>;

const layers = z.array(layer).min(1);
const ends = z.array(source);

/** The classes of TensorFlow.js whose configuration lists layers. */
const MODELS: ReadonlySet<string> = new Set(["Model", "Functional", "Sequential"]);

/** Models that hold models that hold models: nobody nests them deeper. */
const DEEPEST = 32;

type Refuse = (what: string) => OpcounterError;

/**
 * Checks what tfjs takes from a LayersModel without a word, and then waits for without end or fails
 * at in its own insides: a layer that takes the output of one that is not there, layers in a
 * circle, a layer that is there twice, an entry of a wrong form. Models within the model too.
 *
 * @param location the file's name, for messages.
 * @param topology the `modelTopology` of a model.json.
 * @throws OpcounterError that names the layer.
 */
export function checkLayers(location: string, topology: Readonly<Record<string, unknown>>): void {
  const refuse: Refuse = (what) =>
    new OpcounterError("model-invalid", `${location} is not a whole layers model: ${what}.`);
  checkModel(topology["model_config"] ?? topology, refuse, 0);
}

/** Checks a model, as the topology has it or as one of its layers. */
function checkModel(model: unknown, refuse: Refuse, depth: number): void {
  if (depth > DEEPEST) throw refuse(`its models nest deeper than ${DEEPEST}`);
  const entry = layer.safeParse(model);
  if (!entry.success) throw refuse(`its topology ${wrongForm(entry.error)}`);
  if (!MODELS.has(entry.data.class_name)) return; // a class of the user's own
  const { config } = entry.data;
  const parsed = layers.safeParse(config["layers"]);
  if (!parsed.success) throw malformed(config["layers"], parsed.error, refuse);
  for (const each of parsed.data) {
    if (isModel(each)) checkModel(each, refuse, depth + 1);
    const wrapped = layer.safeParse(each.config["layer"]);
    if (wrapped.success) checkModel(wrapped.data, refuse, depth + 1);
  }
  const twice = repeatedName(parsed.data.flatMap((each) => nameOf(each) ?? []));
  if (twice !== undefined) throw refuse(`its layer "${twice}" is there twice`);
  if (config["input_layers"] !== undefined) checkCalls(parsed.data, config, refuse);
}

function nameOf({ name, config }: Layer): string | undefined {
  return name ?? config.name ?? undefined;
}

function isModel({ class_name }: Layer): boolean {
  return MODELS.has(class_name);
}

/** The error of the first layer that is of a wrong form, by its name where it has one. */
function malformed(list: unknown, error: z.ZodError, refuse: Refuse): OpcounterError {
  const [index] = error.issues[0]?.path ?? [];
  const name: unknown = Array.isArray(list) ? Object(list[Number(index)]).name : undefined;
  const which = typeof name === "string" ? `its layer "${name}"` : "one of its layers";
  if (Array.isArray(list) && list.length === 0) return refuse("there are no layers");
  return index === undefined
    ? refuse("its configuration has no list of layers")
    : refuse(`${which} ${wrongForm(error, 1)}`);
}

/** @param skipped how many steps of the path are told in words. */
function wrongForm({ issues: [issue] }: z.ZodError, skipped = 0): string {
  const where = issue?.path.slice(skipped).join(".") ?? "";
  return `is of a wrong form at ${where || "the top"} (${issue?.message ?? "it does not fit"})`;
}

/** A call of a layer, which is made once all that it takes is there. */
interface Call {
  readonly layer: string;
  readonly takes: readonly Source[];
}

/** Checks that the calls of a functional model can be made one after the other. */
function checkCalls(
  list: readonly Layer[],
  config: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): void {
  /** How many calls of a layer are made so far, and how many there are. */
  const made = new Map<string, number>();
  const total = new Map<string, number>();
  const calls: Call[] = [];
  for (const each of list) {
    // tfjs finds layers by the names of their entries, not of their configurations.
    const { name } = each;
    if (name === undefined) {
      throw refuse(`its layer "${nameOf(each) ?? each.class_name}" has no name in its entry`);
    }
    if (each.config.name != null && each.config.name !== name) {
      throw refuse(`its layer "${name}" has another name in its configuration`);
    }
    if (each.inbound_nodes === undefined) {
      throw refuse(`its layer "${name}" does not say what it takes (inbound_nodes)`);
    }
    // What begins a model, and what is one, has been called once before.
    const before = each.class_name === "InputLayer" || isModel(each) ? 1 : 0;
    made.set(name, before);
    total.set(name, before + each.inbound_nodes.length);
    for (const takes of each.inbound_nodes) calls.push({ layer: name, takes });
  }
  for (const { layer: name, takes } of calls) {
    for (const taken of takes) checkSource(`its layer "${name}" takes`, taken, total, refuse);
  }
  const stuck = callsInCircle(calls, made);
  if (stuck.length > 0) {
    const names = [...new Set(stuck)].map((name) => `"${name}"`).join(", ");
    throw refuse(`its layers ${names} take each other's outputs in a circle`);
  }
  checkEnds("input", config["input_layers"], total, refuse);
  checkEnds("output", config["output_layers"], total, refuse);
}

function checkSource(
  who: string,
  [name, call]: Source,
  total: ReadonlyMap<string, number>,
  refuse: Refuse,
): void {
  const calls = total.get(name);
  if (calls === undefined) {
    throw refuse(`${who} the output of "${name}", which is none of its layers`);
  }
  if (call >= calls) {
    throw refuse(
      `${who} the output of call ${call} of "${name}", which is called ${counted(calls, "time")}`,
    );
  }
}

function checkEnds(
  kind: "input" | "output",
  given: unknown,
  total: ReadonlyMap<string, number>,
  refuse: Refuse,
): void {
  const parsed = ends.safeParse(given);
  if (!parsed.success) throw refuse(`its ${kind}_layers ${wrongForm(parsed.error)}`);
  for (const end of parsed.data) checkSource(`its ${kind} is`, end, total, refuse);
}

/** Makes all calls that can be made; returns the layers of some that wait for each other. */
function callsInCircle(calls: readonly Call[], made: Map<string, number>): string[] {
  const awaited = ({ takes }: Call) => takes.find(([name, call]) => (made.get(name) ?? 0) <= call);
  /** The calls that wait for more calls of a layer. */
  const waiting = new Map<string, Call[]>();
  const ready = [...calls];
  for (let call = ready.pop(); call !== undefined; call = ready.pop()) {
    const source = awaited(call);
    if (source !== undefined) {
      const [name] = source;
      const others = waiting.get(name);
      if (others === undefined) waiting.set(name, [call]);
      else others.push(call);
      continue;
    }
    made.set(call.layer, (made.get(call.layer) ?? 0) + 1);
    for (const other of waiting.get(call.layer) ?? []) ready.push(other);
    waiting.delete(call.layer);
  }
  return circleIn([...waiting.values()].flat(), awaited);
}

/** From one call that waits to what it waits for, until a layer is met again. */
function circleIn(stuck: readonly Call[], awaited: (call: Call) => Source | undefined): string[] {
  const waitsIn = new Map(stuck.map((call) => [call.layer, call]));
  const path = new Set<string>();
  let [call] = stuck;
  while (call !== undefined && !path.has(call.layer)) {
    path.add(call.layer);
    const source = awaited(call);
    call = source === undefined ? undefined : waitsIn.get(source[0]);
  }
  const names = [...path];
  return call === undefined ? names : names.slice(names.indexOf(call.layer));
}
