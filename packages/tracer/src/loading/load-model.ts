import { nestsDeeper, OpcounterError, reasonOf } from "@opcounter/ir/core";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { io } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { isGraphModel as hasExecutor } from "../targets/graph-model.ts";
import { allOrNothing } from "./all-or-nothing.ts";
import { rememberLoaded } from "./loaded.ts";
import type { ModelJson } from "./model-json.ts";
import { type ModelFiles, ModelSource, type ReadOptions } from "./model-source.ts";
import { rememberStoredTypes } from "./stored-types.ts";
import { checkLayerClasses, checkOps } from "./unknown-parts.ts";

/** How a model is loaded. */
export interface LoadOptions extends ReadOptions {
  /**
   * "files": from the weight files, and zeros with a note where they are missing. "none": zeros of
   * the manifest's shapes. What a model costs seldom depends on their values.
   */
  readonly weights?: "files" | "none";
}

/**
 * Loads a TensorFlow.js model, a LayersModel or a GraphModel: a `model.json` with its weight files,
 * on disk, at an http(s) address or among `files`.
 *
 * @param location the path or address of the model.json, or its name among `files`.
 * @throws OpcounterError "file-not-found", "file-unreadable", "file-too-large", "fetch-failed" or
 *   "path-outside-model"; "json-malformed" or "model-invalid" where a file is no model.json or is cut
 *   short; "layer-class-unknown" or "graph-op-unknown"; "tfjs-missing" where the part of tfjs that
 *   loads it cannot be imported. Where `signal` aborts, its reason.
 */
export async function loadModel(
  location: string,
  options: LoadOptions = {},
): Promise<LayersModel | GraphModel> {
  const source = new ModelSource(location, options);
  try {
    return await loadModelFrom(source, location, options);
  } finally {
    source.close();
  }
}

/**
 * As `loadModel`, with files that the caller gives.
 *
 * @param location what messages call the model.json.
 */
export async function loadModelFrom(
  source: ModelFiles,
  location: string,
  { weights = "files" }: Pick<LoadOptions, "weights"> = {},
): Promise<LayersModel | GraphModel> {
  const text = await source.manifest();
  const { model, notes } = await understood(location, await parseManifest(location, text));
  const { readWeights, zeroWeights } = await import("./read-weights.ts");
  const groups = model.weightsManifest;
  const read =
    weights === "files"
      ? await readWeights(source, location, groups)
      : { data: zeroWeights(source, location, groups), missing: "Its weights were not loaded" };
  const hasValues = read.missing === undefined;
  if (!hasValues) checkValuesNotNeeded(location, model, read.missing);
  const loaded = await build(location, model, read.data);
  rememberStoredTypes(loaded, groups);
  rememberLoaded(loaded, {
    hasValues,
    weights: groups.reduce((sum, { weights }) => sum + weights.length, 0),
    notes: hasValues ? notes : [...notes, missingNote(read.missing)],
  });
  return loaded;
}

function missingNote(missing: string): string {
  return `${missing.replace(/\.$/, "")}; weights are zeros of the shapes that the manifest declares.`;
}

/**
 * A GraphModel keeps shapes, axes and sizes among its weights: with zeros in their place it would
 * run, if at all, other ops than it does.
 *
 * @throws OpcounterError that names such a weight.
 */
function checkValuesNotNeeded(location: string, model: ModelJson, missing: string): void {
  if (!isGraphModel(model)) return;
  const needed = model.weightsManifest
    .flatMap(({ weights }) => weights)
    .find(({ dtype }) => dtype !== "float32");
  if (needed === undefined) return;
  throw new OpcounterError(
    "file-not-found",
    `${missing.replace(/\.$/, "")}, and ${location} is a graph model whose weights hold what its ops depend on, such as "${needed.name}" (${needed.dtype})`,
    { remedy: "put its weight files beside the model.json" },
  );
}

async function parseManifest(location: string, text: string): Promise<ModelJson> {
  const { modelJson } = await import("./model-json.ts");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new OpcounterError(
      "json-malformed",
      `${location} is not valid JSON (${reasonOf(error)}); it may be cut short.`,
    );
  }
  if (nestsDeeper(json, DEEPEST)) {
    throw new OpcounterError(
      "model-invalid",
      `${location} is not a TensorFlow.js model.json: its values nest deeper than ${DEEPEST}.`,
    );
  }
  const parsed = modelJson.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "the top"}`;
  throw new OpcounterError(
    "model-invalid",
    `${location} is not a TensorFlow.js model.json: ${issue?.message ?? "it does not fit"}${where}.`,
  );
}

/** More than any model has; what reads a model, TensorFlow.js included, goes down by recursion. */
const DEEPEST = 200;

/** A model as TensorFlow.js can load it, checked, with notes on what was done to that end. */
async function understood(
  location: string,
  model: ModelJson,
): Promise<{ readonly model: ModelJson; readonly notes: readonly string[] }> {
  if (isGraphModel(model)) {
    (await import("./graph-topology.ts")).checkGraph(location, model);
    return { model, notes: [] };
  }
  const { fromKeras3, KERAS3_NOTE } = await import("./keras3.ts");
  const converted = fromKeras3(location, model);
  const { modelTopology } = converted ?? model;
  (await import("./layers-topology.ts")).checkLayers(location, modelTopology);
  return converted === undefined
    ? { model, notes: [] }
    : { model: converted, notes: [KERAS3_NOTE] };
}

function isGraphModel({ format, modelTopology }: ModelJson): boolean {
  return format === "graph-model" || "node" in modelTopology;
}

async function build(
  location: string,
  model: ModelJson,
  weightData: ArrayBuffer,
): Promise<LayersModel | GraphModel> {
  const isGraph = isGraphModel(model);
  // tfjs needs a graph's versions to describe them, and throws if there are none.
  const versions = model.modelTopology["versions"] ?? {};
  const modelTopology = { ...model.modelTopology, ...(isGraph ? { versions } : {}) };
  // Sound: the parts that loading depends on were checked. tfjs's type is narrower only in parts
  // that tfjs reads and checks itself.
  const json = { ...model, modelTopology } as object as io.ModelJSON;
  const { io } = await import("@tensorflow/tfjs-core");
  const buildModel = isGraph ? buildGraphModel : buildLayersModel;
  try {
    const artifacts = await io.getModelArtifactsForJSON(json, async (manifest) => [
      manifest.flatMap(({ weights }) => weights),
      weightData,
    ]);
    return await allOrNothing<LayersModel | GraphModel>(artifacts, (handler) =>
      buildModel(location, handler, modelTopology),
    );
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    const reason = reasonOf(error);
    throw new OpcounterError("model-invalid", `${location} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
}

async function buildGraphModel(location: string, handler: io.IOHandler): Promise<GraphModel> {
  const model = await (await graphModelLoader())(handler);
  // Its executor is private in tfjs's own types.
  const own: unknown = model;
  if (hasExecutor(own)) checkOps(location, own.executor.graph);
  return model;
}

async function buildLayersModel(
  location: string,
  handler: io.IOHandler,
  topology: unknown,
): Promise<LayersModel> {
  const { serialization } = await import("@tensorflow/tfjs-core");
  const loadLayersModel = await layersModelLoader();
  const { classNameMap } = serialization.SerializationMap.getMap();
  checkLayerClasses(location, topology, (name) => Object.hasOwn(classNameMap, name));
  return await loadLayersModel(handler);
}

// These imports stand in a try, so a bundler allows the packages to be missing.

async function graphModelLoader() {
  try {
    return (await import("@tensorflow/tfjs-converter")).loadGraphModel;
  } catch (error) {
    throw loaderMissing("@tensorflow/tfjs-converter", "loadGraphModel", error);
  }
}

async function layersModelLoader() {
  try {
    return (await import("@tensorflow/tfjs-layers")).loadLayersModel;
  } catch (error) {
    throw loaderMissing("@tensorflow/tfjs-layers", "loadLayersModel", error);
  }
}

function loaderMissing(name: string, loader: string, cause: unknown): OpcounterError {
  return new OpcounterError(
    "tfjs-missing",
    `loadModel needs ${name}, which opcounter cannot import (${reasonOf(cause)})`,
    { remedy: `load the model by your program's own tf.${loader}(), and trace that`, cause },
  );
}
