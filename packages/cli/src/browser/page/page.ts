/**
 * The page in which the command line runs targets: `--device browser`. It has the TensorFlow.js of
 * the command line, and runs on the browser's own adapter.
 */
import { linesOf, OpcounterError, reasonOf, toJson } from "@opcounter/ir";
import {
  calibrate,
  type Device,
  inputSpecs,
  loadModelFrom,
  openDevice,
  type Target,
  withBackend,
} from "@opcounter/tracer";
import { moduleTarget } from "../../target/module-target.ts";
import { withOwnVariables } from "../../target/own-variables.ts";
import { runPass } from "../../target/run-pass.ts";
import * as tf from "../../tfjs.ts";
import { ZOO } from "../../zoo/catalog.ts";
import {
  type Answer,
  type DeviceAnswer,
  failureOf,
  type LoadAnswer,
  type LoadRequest,
  type TraceAnswer,
  type TraceRequest,
} from "../protocol.ts";
import { inputFrom, modelFilesAt } from "./served.ts";
import { shareModules, tfjsForModules } from "./shared.ts";

interface Loaded extends LoadAnswer {
  readonly name: string;
  readonly target: Target;
}

const loadedTargets: Loaded[] = [];

/** The functions that the command line calls, each with the argument that `protocol.ts` names. */
const functions = {
  device: (): Promise<DeviceAnswer> =>
    onDevice(async ({ name, description }) => ({ name, description })),

  calibrate: () => onDevice(calibrate),

  load: (request: LoadRequest): Promise<LoadAnswer> =>
    onDevice(async () => {
      shareModules();
      for (const { path, script } of request.plugins) await importModule(path, script);
      const { target, inputs } = await load(request);
      const { name } = request;
      const loaded: Loaded = {
        ...{ name, target, inputs, id: loadedTargets.length },
        names: "name" in target ? [name, target.name] : [name],
        specs: inputSpecs(target) ?? null,
      };
      loadedTargets.push(loaded);
      const { id, names, specs } = loaded;
      return { id, names, specs, inputs };
    }),

  trace: ({ id, inputs, options }: TraceRequest): Promise<TraceAnswer> =>
    onDevice(async (device) => {
      const loaded = loadedTargets[id];
      if (loaded === undefined) throw new Error(`there is no target ${id}`);
      const toMake = await Promise.all(inputs.map(inputFrom));
      const graph = await runPass(loaded.name, loaded.target, toMake, device, options);
      const lines = [...(linesOf(graph) ?? [])];
      return {
        graph: toJson(graph),
        lines: lines.map(([op, { file, line, column }]) => [op, file, line, column]),
      };
    }),
};

/** Calls a function; what it throws is an answer too. */
async function answer<T>(call: () => Promise<T>): Promise<string> {
  let found: Answer<T>;
  try {
    found = { value: await call() };
  } catch (error) {
    found = failureOf(error);
  }
  return JSON.stringify(found);
}

/** Runs `body` on the page's adapter. */
async function onDevice<T>(body: (device: Device) => Promise<T>): Promise<T> {
  const device = await openDevice("gpu");
  return withBackend(device, () => body(device));
}

async function load({ name, target }: LoadRequest) {
  switch (target.kind) {
    case "zoo": {
      const model = ZOO[name];
      if (model === undefined) throw new Error(`the page has no model ${name}`);
      return { target: model.build(tf), inputs: [] };
    }
    case "model": {
      const { location, files, reading } = target;
      const source = modelFilesAt(files, location, reading);
      return { target: await loadModelFrom(source, location, reading), inputs: [] };
    }
    case "module": {
      const { path, script } = target;
      const module = await withOwnVariables(() => importModule(path, script));
      return moduleTarget(path, module, tfjsForModules());
    }
  }
}

async function importModule(path: string, script: string): Promise<Record<string, unknown>> {
  try {
    return await import(script);
  } catch (error) {
    throw new OpcounterError(
      "module-failed",
      `${path} failed while it was loaded in the browser: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

Reflect.set(globalThis, "opcounterPage", {
  device: () => answer(functions.device),
  calibrate: () => answer(functions.calibrate),
  load: (request: LoadRequest) => answer(() => functions.load(request)),
  trace: (request: TraceRequest) => answer(() => functions.trace(request)),
});
