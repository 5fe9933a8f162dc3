import { OpcounterError, shortBytes, similarName } from "@opcounter/ir/core";
import { loadModel, type Progress } from "@opcounter/tracer";
import * as tf from "../../../packages/cli/src/tfjs.ts";
import type { Source } from "../run.ts";
import type { KnownShape } from "./shapes.ts";
import type { Say } from "./worker.ts";

/** A model that is loaded, with its usual inputs where the zoo has some. */
export interface Loaded {
  readonly name: string;
  readonly model: tf.LayersModel | tf.GraphModel;
  readonly usual: readonly KnownShape[];
}

/** @throws OpcounterError where there is no such model, or it cannot be loaded. */
export function load(source: Source, say: Say): Promise<Loaded> {
  switch (source.kind) {
    case "zoo":
      return buildOfZoo(source.name, say);
    case "address":
      return fetchModel(source.address, say);
    case "files":
      return readFiles(source.files, say);
  }
}

async function buildOfZoo(name: string, say: Say): Promise<Loaded> {
  const { ZOO } = await import("../../../packages/cli/src/zoo/catalog.ts");
  const model = Object.hasOwn(ZOO, name) ? ZOO[name] : undefined;
  if (model === undefined) {
    throw new OpcounterError("target-unknown", `The zoo has no model "${name}".`, {
      remedy: similarName(name, Object.keys(ZOO)),
    });
  }
  say(`Building ${name}`);
  return { name, model: model.build(tf), usual: model.inputs };
}

/** jsDelivr serves every npm package, and lets every page read it. */
const NPM = "https://cdn.jsdelivr.net/npm/";

async function fetchModel(given: string, say: Say): Promise<Loaded> {
  const address = addressOf(given);
  if (!URL.canParse(address)) {
    throw new OpcounterError("target-unknown", `${given} is no address`, {
      remedy: "write one such as https://host/path/model.json",
    });
  }
  say(`Fetching ${given}`);
  const onProgress = ({ done }: Progress) => say(`Fetching ${given}: ${shortBytes(done)}`);
  try {
    return { name: nameOf(given), model: await loadModel(address, { onProgress }), usual: [] };
  } catch (error) {
    throw (await refusedByServer(error, address)) ?? error;
  }
}

/** Where a model.json is; of an npm package, its folder may be named as well. */
function addressOf(given: string): string {
  const [, path] = /^npm:(.*?)\/*$/i.exec(given) ?? [];
  if (path === undefined) return given;
  return path.endsWith(".json") ? `${NPM}${path}` : `${NPM}${path}/model.json`;
}

/** `@spotify/basic-pitch/model` of `npm:@spotify/basic-pitch/model/model.json`. */
function nameOf(address: string): string {
  const path = address.replace(/[?#].*/, "").replace(/\/?model\.json$/, "");
  if (/^npm:/i.test(path)) return path.slice("npm:".length);
  return path.split("/").at(-1) || address;
}

/**
 * What went wrong with an address that the browser did not let us read. It does not say whether the
 * server forbids it; a request whose answer nobody reads tells.
 */
async function refusedByServer(
  error: unknown,
  address: string,
): Promise<OpcounterError | undefined> {
  if (!(error instanceof OpcounterError) || error.code !== "fetch-failed") return undefined;
  if (!(error.cause instanceof TypeError)) return undefined;
  const answers = await fetch(address, { mode: "no-cors" }).then(
    () => true,
    () => false,
  );
  const [why, remedy] = answers
    ? [
        "its server does not let pages of other sites read it (CORS)",
        "download the model and drop its files here, or name an npm package",
      ]
    : ["no server answers there", "check the address and the network"];
  return new OpcounterError("fetch-failed", `${address} cannot be fetched: ${why}`, {
    remedy,
    cause: error,
  });
}

async function readFiles(files: readonly File[], say: Say): Promise<Loaded> {
  const manifest = manifestAmong(files);
  say(`Reading ${manifest}`);
  const byName = new Map(files.map((file) => [file.name, file]));
  const model = await loadModel(manifest, { files: byName });
  return { name: manifest.replace(/\.json$/, ""), model, usual: [] };
}

/** @throws OpcounterError where no file, or more than one, can be the model.json. */
function manifestAmong(files: readonly File[]): string {
  const names = files.map(({ name }) => name);
  if (names.includes("model.json")) return "model.json";
  const [found, ...others] = names.filter((name) => name.endsWith(".json"));
  if (found !== undefined && others.length === 0) return found;
  const sentence =
    found === undefined
      ? `There is no model.json among ${names.slice(0, 3).join(", ") || "these files"}`
      : `${[found, ...others].join(" and ")} may each be the model.json`;
  throw new OpcounterError("file-not-found", sentence, {
    remedy: "choose the model.json of one TensorFlow.js model, with its weight files",
  });
}
