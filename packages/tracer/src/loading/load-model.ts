import { grouped, OpcounterError, reasonOf } from "@opcounter/ir/core";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { io } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { concatenate } from "./fetch-bytes.ts";
import type { ModelJson, WeightGroup } from "./model-json.ts";
import { ModelSource, type ReadOptions } from "./model-source.ts";
import { rememberStoredTypes } from "./stored-types.ts";

/**
 * Loads a TensorFlow.js model: a `model.json` with its weight files, on disk or at an http(s)
 * address, holding a LayersModel or a GraphModel.
 *
 * @param location a path or an address of the model.json itself.
 * @throws OpcounterError where a file is missing, is no model.json, is cut short, or is longer or
 *   elsewhere than it may be: which and how.
 */
export async function loadModel(
  location: string,
  options: ReadOptions = {},
): Promise<LayersModel | GraphModel> {
  const source = new ModelSource(location, options);
  try {
    return await loadFrom(source, location);
  } finally {
    source.close();
  }
}

async function loadFrom(source: ModelSource, location: string): Promise<LayersModel | GraphModel> {
  const { modelJson, storedBytes } = await import("./model-json.ts");
  const text = await source.manifest();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new OpcounterError(
      "json-malformed",
      `${location} is not valid JSON (${reasonOf(error)}); it may be cut short.`,
    );
  }
  const parsed = modelJson.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "the top"}`;
    throw new OpcounterError(
      "model-invalid",
      `${location} is not a TensorFlow.js model.json: ${issue?.message ?? "it does not fit"}${where}.`,
    );
  }
  const model = parsed.data;
  const weights = await Promise.all(
    model.weightsManifest.map((group) => readGroup(source, location, group, storedBytes(group))),
  );
  const loaded = await build(location, model, concatenate(weights).buffer);
  rememberStoredTypes(loaded, model.weightsManifest);
  return loaded;
}

async function build(
  location: string,
  model: ModelJson,
  weightData: ArrayBuffer,
): Promise<LayersModel | GraphModel> {
  const isGraph = model.format === "graph-model" || "node" in model.modelTopology;
  // tfjs reads a graph's versions for the text that names them, and fails where there are none.
  const versions = model.modelTopology["versions"] ?? {};
  const modelTopology = { ...model.modelTopology, ...(isGraph ? { versions } : {}) };
  // What was checked is what tfjs is given; its own type for a model.json is narrower in the parts
  // that only tfjs reads.
  const json = { ...model, modelTopology } as object as io.ModelJSON;
  const { io } = await import("@tensorflow/tfjs-core");
  const handler = {
    load: () =>
      io.getModelArtifactsForJSON(json, async (manifest) => [
        manifest.flatMap(({ weights }) => weights),
        weightData,
      ]),
  };
  if (isGraph) (await import("./graph-topology.ts")).checkGraph(location, model);
  else (await import("./layers-topology.ts")).checkLayers(location, modelTopology);
  try {
    if (isGraph) {
      const { loadGraphModel } = await import("@tensorflow/tfjs-converter");
      return await loadGraphModel(handler);
    }
    const { loadLayersModel } = await import("@tensorflow/tfjs-layers");
    return await loadLayersModel(handler);
  } catch (error) {
    const reason = reasonOf(error);
    const layer = /Unknown layer: (\w+)/.exec(reason)?.[1];
    if (layer !== undefined) {
      throw new OpcounterError(
        "layer-class-unknown",
        `${location} uses the layer class ${layer}, which TensorFlow.js does not have`,
        {
          remedy:
            "register it with tf.serialization.registerClass() before the model is loaded (on the command line, in a module given by --plugin)",
        },
      );
    }
    throw new OpcounterError("model-invalid", `${location} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
}

/** How much more than it declares a file is read: enough to say that it holds too much. */
const EXCESS_BYTES = 2 ** 20;

async function readGroup(
  source: ModelSource,
  location: string,
  { paths }: WeightGroup,
  expected: number | undefined,
): Promise<Uint8Array> {
  const most = expected === undefined ? undefined : expected + EXCESS_BYTES;
  const bytes = concatenate(await Promise.all(paths.map((path) => source.file(path, most))));
  if (expected !== undefined && bytes.length !== expected) {
    const difference = Math.abs(bytes.length - expected);
    const verdict = bytes.length < expected ? "are cut short" : "hold too much";
    throw new OpcounterError(
      "model-invalid",
      `The weights of ${location} ${verdict}: ${holding(paths, bytes.length)} and the manifest declares ${grouped(expected)}, a difference of ${grouped(difference)}`,
      { remedy: "fetch or convert the model again" },
    );
  }
  return bytes;
}

function holding(paths: readonly string[], bytes: number): string {
  const [first] = paths;
  if (first === undefined) return "no file is named";
  const held = `${grouped(bytes)} bytes`;
  return paths.length === 1 ? `${first} holds ${held}` : `${first} to ${paths.at(-1)} hold ${held}`;
}
