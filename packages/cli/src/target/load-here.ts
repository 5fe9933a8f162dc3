import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type Device,
  inputSpecs,
  type LoadOptions,
  loadModel,
  orAbort,
  type Target,
  withTimeout,
} from "@opcounter/tracer";
import { interruptible, stopped } from "../stop.ts";
import * as tf from "../tfjs-layers.ts";
import { type InputOption, parseInputOption } from "./input-option.ts";
import type { LoadedTarget } from "./loaded-target.ts";
import type { RunnableLocation } from "./locate.ts";
import { nameOfTarget } from "./name-of-target.ts";
import { withOwnVariables } from "./own-variables.ts";
import { runPass } from "./run-pass.ts";

/** Loads a target into this process, to run on a device that is open here. */
export async function loadHere(
  specifier: string,
  location: RunnableLocation,
  reading: LoadOptions,
  device: Device,
): Promise<LoadedTarget> {
  switch (location.kind) {
    case "zoo": {
      const { model } = location;
      return loaded(specifier, model.build(tf), model.inputs, device);
    }
    case "model":
      return loaded(
        nameOfTarget(specifier),
        await loadModel(location.location, { ...reading, signal: stopped }),
        [],
        device,
      );
    case "module": {
      const { path } = location;
      // Modules are given all that opcounter exports: the most of its code.
      const { loadModule, tfjsForModules } = await import("./module.ts");
      const { moduleTarget } = await import("./module-target.ts");
      const module = await withOwnVariables(() => loadModule(path));
      let inputs: readonly InputOption[] = [];
      const { target } = await moduleTarget(path, module, await tfjsForModules(), {
        checkInputs(texts) {
          inputs = texts.map((text) => parseInputOption(text, dirname(path)));
        },
        call: interruptible,
        wait: (running) =>
          withTimeout(stopped, reading.timeout, ({ signal }) => orAbort(running, signal)),
      });
      const found = loaded(nameOfTarget(path), target, inputs, device);
      return {
        ...found,
        async trace(...pass) {
          const graph = await found.trace(...pass);
          // A rejected promise that a module does not await is reported before the result.
          await setImmediate();
          return graph;
        },
      };
    }
  }
}

function loaded(
  name: string,
  target: Target,
  inputs: readonly InputOption[],
  device: Device,
): LoadedTarget {
  return {
    name,
    names: "name" in target ? [name, target.name] : [name],
    specs: inputSpecs(target),
    inputs,
    trace: (toMake, options) => runPass(name, target, toMake, device, options, stopped),
    dispose: () => {
      if ("dispose" in target) target.dispose();
    },
  };
}
