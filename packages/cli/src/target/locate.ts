import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OpcounterError, reasonOf, similarName } from "@opcounter/ir";
import { readStart, readText } from "../read-file.ts";
import { ZOO } from "../zoo/catalog.ts";
import type { ZooModel } from "../zoo/zoo-model.ts";
import { noModelIn, refuseModelPage, refuseOtherFormat } from "./other-formats.ts";

/** What a specifier names that can be run. */
export type RunnableLocation =
  | { readonly kind: "zoo"; readonly model: ZooModel }
  | { readonly kind: "model"; readonly location: string }
  | { readonly kind: "module"; readonly path: string };

/** What a specifier names. */
export type Location =
  | RunnableLocation
  | { readonly kind: "graph"; readonly path: string }
  | { readonly kind: "report"; readonly path: string };

/**
 * Finds what a person named. Files are looked at, and not yet loaded.
 *
 * @throws OpcounterError where there is no such thing, or none that can be run: what to do instead.
 */
export function locate(specifier: string): Location {
  const model = Object.hasOwn(ZOO, specifier) ? ZOO[specifier] : undefined;
  if (model !== undefined) return { kind: "zoo", model };
  if (/^https?:\/\//i.test(specifier)) {
    checkAddress(specifier);
    return { kind: "model", location: specifier };
  }
  if (specifier.startsWith("npm:")) {
    refuseOtherFormat(specifier);
    return { kind: "model", location: locateInNodeModules(specifier.slice("npm:".length)) };
  }
  if (/^file:/i.test(specifier)) return locate(pathOfAddress(specifier));
  if (!existsSync(specifier)) throw unknownTarget(specifier);
  if (statSync(specifier).isDirectory()) {
    const location = join(specifier, "model.json");
    if (existsSync(location)) return { kind: "model", location };
    throw noModelIn(specifier);
  }
  if (/\.[cm]?[jt]s$/.test(specifier)) return { kind: "module", path: specifier };
  if (specifier.endsWith(".ir")) return { kind: "graph", path: specifier };
  if (specifier.endsWith(".json")) {
    const kind = kindOfJson(specifier);
    return kind === "model" ? { kind, location: specifier } : { kind, path: specifier };
  }
  refuseOtherFormat(specifier);
  throw new OpcounterError(
    "target-unknown",
    `${specifier} is not a kind of file that can be profiled`,
    { remedy: "those are model.json, .ts, .js, .ir and graph .json files" },
  );
}

/** @throws OpcounterError where the address of a file is none of this machine. */
function pathOfAddress(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (error) {
    throw new OpcounterError("target-unknown", `${address} is no file here: ${reasonOf(error)}`, {
      remedy: "write its path, or an address such as file:///folder/model.json",
    });
  }
}

/** @throws OpcounterError where an address is none, or is known to hold no model.json. */
function checkAddress(address: string): void {
  if (!URL.canParse(address)) {
    throw new OpcounterError("target-unknown", `${address} is no address`, {
      remedy: "write one such as https://host/path/model.json",
    });
  }
  refuseOtherFormat(address);
  refuseModelPage(address);
}

/**
 * Whether a JSON file is a graph that `opcounter trace` wrote, a report that `opcounter profile` did,
 * or a model; what cannot be read is taken for a model, whose loader says why.
 */
function kindOfJson(path: string): "graph" | "report" | "model" {
  try {
    // A model.json may be large, and is read and parsed where it is loaded.
    const start = readStart(path);
    if (start.includes('"modelTopology"') && !start.includes('"schemaVersion"')) return "model";
    const text = readText(path);
    if (!text.includes('"schemaVersion"')) return "model";
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) return "model";
    if (!("schemaVersion" in json && "ops" in json)) return "model";
    return "totals" in json ? "report" : "graph";
  } catch {
    return "model";
  }
}

function locateInNodeModules(path: string): string {
  for (let folder = resolve("."); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", path);
    if (existsSync(candidate)) {
      return statSync(candidate).isDirectory() ? join(candidate, "model.json") : candidate;
    }
    if (folder === dirname(folder)) break;
  }
  const resolved = resolvedByNode(path);
  if (resolved !== undefined) return resolved;
  throw new OpcounterError(
    "package-not-found",
    `npm:${path} is in no node_modules folder from ${resolve(".")} upwards`,
    { remedy: "install the package first" },
  );
}

/** Yarn's Plug'n'Play has no node_modules folders: Node, which it extends, finds the file. */
function resolvedByNode(path: string): string | undefined {
  const { resolve: find } = createRequire(join(resolve("."), "package.json"));
  try {
    return find(path.endsWith(".json") ? path : `${path}/model.json`);
  } catch {
    return undefined;
  }
}

function unknownTarget(specifier: string): OpcounterError {
  const looksLikePath = /[/\\.]/.test(specifier);
  if (looksLikePath) {
    return new OpcounterError("file-not-found", `There is no file or folder ${specifier}.`);
  }
  const hint = similarName(specifier, Object.keys(ZOO));
  return new OpcounterError("target-unknown", `"${specifier}" is neither a zoo model nor a file.`, {
    remedy: `${hint === undefined ? "" : `${hint} `}\`opcounter zoo\` lists the models.`,
  });
}
