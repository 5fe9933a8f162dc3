import { readdirSync } from "node:fs";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";

/** A kind of file that people have, and that TensorFlow.js does not run. */
interface OtherFormat {
  readonly ends: RegExp;
  /** What it is, as in "x.h5 is a Keras model". */
  readonly what: string;
  /** How it becomes a model.json, by the path of the file. */
  readonly remedy: (path: string) => string;
}

const CONVERTER = "tensorflowjs_converter (pip install tensorflowjs)";

const OTHER_FORMATS: readonly OtherFormat[] = [
  {
    ends: /\.(h5|hdf5)$/i,
    what: "a Keras model in HDF5",
    remedy: (path) =>
      `convert it with ${CONVERTER}: tensorflowjs_converter --input_format keras ${quoted(path)} web_model`,
  },
  {
    ends: /\.keras$/i,
    what: "a Keras model",
    remedy: (path) =>
      `make a SavedModel of it in Python, keras.models.load_model(${JSON.stringify(path)}).export("saved_model"), then convert that with ${CONVERTER}: ${savedModelCommand("saved_model")}`,
  },
  {
    ends: /(^|[/\\])saved_model\.pb(txt)?$/i,
    what: "a part of a TensorFlow SavedModel",
    remedy: (path) => savedModelRemedy(path.replace(/[/\\]?[^/\\]*$/, "") || "."),
  },
  {
    ends: /\.pb$/i,
    what: "a frozen TensorFlow graph",
    remedy: (path) =>
      `convert it with ${CONVERTER}: tensorflowjs_converter --input_format tf_frozen_model --output_node_names <names> ${quoted(path)} web_model`,
  },
  {
    ends: /\.tflite$/i,
    what: "a TensorFlow Lite model, which runs in a runtime of its own",
    remedy: () => "convert the model that it was made of, such as its SavedModel",
  },
  {
    ends: /\.onnx$/i,
    what: "an ONNX model",
    remedy: (path) =>
      `make a SavedModel of it with onnx2tf 1 (pip install "onnx2tf<2"; 2 writes none), onnx2tf -i ${quoted(path)} -o saved_model -osd, then convert that with ${CONVERTER}: ${savedModelCommand("saved_model")}`,
  },
  {
    ends: /\.(pt|pth|safetensors)$/i,
    what: "a file of PyTorch weights",
    remedy: () =>
      "export the model to ONNX with torch.onnx.export, and name that file for what comes next",
  },
  {
    ends: /\.zip$/i,
    what: "an archive",
    remedy: (path) =>
      `unpack it with unzip ${quoted(path)} -d model, and name the model.json in it`,
  },
  {
    ends: /\.(tgz|tar\.gz|tar)$/i,
    what: "an archive",
    remedy: (path) =>
      `unpack it with mkdir model && tar xf ${quoted(path)} -C model, and name the model.json in it`,
  },
  {
    ends: /\.bin$/i,
    what: "a file of weights",
    remedy: () => "name the model.json that lists it",
  },
];

/**
 * Throws where a path or an address ends as a file of another kind does: what it is, and how it
 * becomes a model.json.
 */
export function refuseOtherFormat(specifier: string): void {
  const path = isAddress(specifier) ? specifier.replace(/[?#].*$/, "") : specifier;
  const found = OTHER_FORMATS.find(({ ends }) => ends.test(path));
  if (found === undefined) return;
  throw new OpcounterError(
    "target-unknown",
    `${specifier} is ${found.what}, and not a TensorFlow.js model.json`,
    { remedy: found.remedy(path) },
  );
}

/** Throws where an address is a page about a model, and not the model. */
export function refuseModelPage(address: string): void {
  const { hostname } = new URL(address);
  const site = /(^|\.)(tfhub\.dev|kaggle\.com)$/.exec(hostname)?.[2];
  if (site === undefined || /model\.json$/.test(new URL(address).pathname)) return;
  throw new OpcounterError(
    "target-unknown",
    `${address} is a page of ${site}, and not a TensorFlow.js model.json`,
    {
      remedy:
        "download the model's TensorFlow.js variation from kaggle.com/models, unpack it, and name its model.json",
    },
  );
}

/** How many models of a folder a message lists. */
const LISTED = 5;

/** The error of a folder without a model.json: what it holds instead. */
export function noModelIn(folder: string): OpcounterError {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  const sentence = `The folder ${folder} holds no model.json`;
  if (names.includes("saved_model.pb")) {
    const what = `${sentence}; it is a TensorFlow SavedModel`;
    return new OpcounterError("file-not-found", what, { remedy: savedModelRemedy(folder) });
  }
  const models = entries.flatMap((entry) => {
    if (entry.isDirectory()) {
      const inner = namesIn(join(folder, entry.name));
      return inner.includes("model.json") ? [join(folder, entry.name, "model.json")] : [];
    }
    return /model[^/\\]*\.json$/i.test(entry.name) ? [join(folder, entry.name)] : [];
  });
  if (models.length === 0) return new OpcounterError("file-not-found", `${sentence}.`);
  const more = models.length > LISTED ? " or another" : "";
  return new OpcounterError("file-not-found", sentence, {
    remedy: `name ${models.slice(0, LISTED).join(" or ")}${more}`,
  });
}

/** The names in a folder; none where it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function savedModelRemedy(folder: string): string {
  return `convert it with ${CONVERTER}: ${savedModelCommand(folder)}`;
}

function savedModelCommand(folder: string): string {
  return `tensorflowjs_converter --input_format tf_saved_model ${quoted(folder)} web_model`;
}

/** A path as a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./\\:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function isAddress(specifier: string): boolean {
  return /^https?:\/\//i.test(specifier);
}
