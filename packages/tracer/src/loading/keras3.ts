import { OpcounterError } from "@opcounter/ir/core";
import type { ModelJson, WeightGroup } from "./model-json.ts";

/** A value of a JSON file. */
type Json = Readonly<Record<string, unknown>>;

/** What the report says of a model that Keras 3 wrote. */
export const KERAS3_NOTE =
  "The file is by Keras 3, whose topology was read as it means it; TensorFlow.js itself does not load it: save it with tf_keras (Keras 2), or convert it to a GraphModel.";

/** The type that variables have under a policy of Keras; TensorFlow.js computes in that type. */
const POLICY_TYPES: Readonly<Record<string, string>> = {
  mixed_float16: "float32",
  mixed_bfloat16: "float32",
};

/**
 * A LayersModel by Keras 3 as Keras 2 writes it, which is what TensorFlow.js reads:
 *
 * - an input's `batch_shape` is its `batch_input_shape`;
 * - a policy of types is the type of its variables;
 * - what a layer takes is `["conv", 0, 0, {}]` instead of a described tensor;
 * - a function, such as an activation, is its name, and a tuple a list;
 * - a weight's name does not begin with the name of a Sequential.
 *
 * Source: what Keras 3's `serialization_lib` and `Functional.get_config` write.
 *
 * @returns undefined where nothing in it is Keras 3's.
 * @throws OpcounterError where a layer takes tensors by name, which TensorFlow.js cannot express.
 */
export function fromKeras3(location: string, model: ModelJson): ModelJson | undefined {
  const reader = new Keras3Reader(location);
  const modelTopology = reader.object(model.modelTopology);
  if (!reader.isKeras3) return undefined;
  const weightsManifest = withoutModelName(model.weightsManifest, modelTopology);
  return { ...model, modelTopology, weightsManifest };
}

/** Weights by the names that TensorFlow.js knows: `dense/kernel` for `sequential/dense/kernel`. */
function withoutModelName(groups: readonly WeightGroup[], topology: Json): WeightGroup[] {
  const model = isObject(topology["model_config"]) ? topology["model_config"] : topology;
  const config = isObject(model["config"]) ? model["config"] : {};
  const prefix = `${String(config["name"])}/`;
  const layers = Array.isArray(config["layers"]) ? config["layers"] : [];
  const hasLayer = layers.some((layer) => `${String(Object(layer).config?.name)}/` === prefix);
  const shorten = (name: string) =>
    !hasLayer && name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return groups.map((group) => ({
    ...group,
    weights: group.weights.map((weight) => ({ ...weight, name: shorten(weight.name) })),
  }));
}

class Keras3Reader {
  /** Whether anything was met that only Keras 3 writes. */
  isKeras3 = false;

  constructor(private readonly location: string) {}

  object(json: Json): Json {
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => this.#entry(key, value, json)),
    );
  }

  #entry(key: string, value: unknown, owner: Json): [string, unknown] {
    switch (key) {
      case "batch_shape":
        this.isKeras3 = true;
        return ["batch_input_shape", this.#value(value)];
      case "inbound_nodes":
        return [key, Array.isArray(value) ? value.map((node) => this.#node(node, owner)) : value];
      case "input_layers":
      case "output_layers":
        return [key, isEnd(value) ? [value] : value];
      default:
        return [key, this.#value(value)];
    }
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (!isObject(value)) return value;
    const { class_name: className, config } = value;
    if (className === "DTypePolicy" && isObject(config) && typeof config["name"] === "string") {
      this.isKeras3 = true;
      return POLICY_TYPES[config["name"]] ?? config["name"];
    }
    if (className === "function" && typeof config === "string") {
      this.isKeras3 = true;
      return config;
    }
    if (className === "__tuple__" && Array.isArray(value["items"]))
      return this.#value(value["items"]);
    return this.object(value);
  }

  /** A call of a layer: `{ args, kwargs }` of Keras 3, or a list of sources of Keras 2. */
  #node(node: unknown, owner: Json): unknown {
    if (!isObject(node) || !Array.isArray(node["args"])) return node;
    this.isKeras3 = true;
    const named = isObject(node["kwargs"]) ? node["kwargs"] : {};
    const tensor = Object.keys(named).find((key) => sourcesIn(named[key]).length > 0);
    if (tensor !== undefined) {
      throw new OpcounterError(
        "model-invalid",
        `The layer "${String(owner["name"])}" of ${this.location} takes the tensor ${tensor} by name, which no layer of TensorFlow.js does`,
        { remedy: "convert the model to a GraphModel" },
      );
    }
    const given = Object.entries(named).filter(([, value]) => value !== null);
    return sourcesIn(node["args"]).map((source) => [...source, Object.fromEntries(given)]);
  }
}

/** The tensors within the arguments of a call: layer, which of its calls, which result. */
function sourcesIn(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.flatMap(sourcesIn);
  if (!isObject(value)) return [];
  const { class_name: className, config } = value;
  if (className !== "__keras_tensor__") return Object.values(value).flatMap(sourcesIn);
  const history = isObject(config) ? config["keras_history"] : undefined;
  return Array.isArray(history) ? [history.slice(0, 3)] : [];
}

/** Whether a model's input or output is a source itself, and not a list of them. */
function isEnd(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
