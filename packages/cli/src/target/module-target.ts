import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { isModel, type Target } from "@opcounter/tracer";

/** What a module exports that can be traced. */
export interface ModuleTarget {
  readonly target: Target;
  /** Its inputs, as `--input` writes them. */
  readonly inputs: readonly string[];
}

/** How what a module exports is called. */
export interface ModuleCalls {
  /** Called with the inputs before anything of the module runs. */
  checkInputs(inputs: readonly string[]): void;
  /** Calls a function of the module. */
  call(step: () => unknown): unknown;
  /** Waits for what it returned. */
  wait(running: Promise<unknown>): Promise<unknown>;
}

const PLAIN: ModuleCalls = {
  checkInputs: () => undefined,
  call: (step) => step(),
  wait: (running) => running,
};

/**
 * A module's default export: a model, or a function of `tf` that returns a model or a function of
 * tensors, or that itself computes what is to be traced. Its export `inputs` may list the inputs
 * as `--input` writes them.
 *
 * @throws OpcounterError "module-invalid" or "module-failed", and what `wait` throws as one.
 */
export async function moduleTarget(
  path: string,
  module: Readonly<Record<string, unknown>>,
  tfjs: object,
  calls: ModuleCalls = PLAIN,
): Promise<ModuleTarget> {
  try {
    const exports = exportsOf(module);
    const exported = await exports["default"];
    const inputs = moduleInputs(path, exports["inputs"]);
    calls.checkInputs(inputs);
    return { target: await targetOf(path, exported, tfjs, inputs.length > 0, calls), inputs };
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    // Promises, proxies and getters may throw wherever they are accessed.
    throw new OpcounterError("module-failed", `What ${path} exports threw: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * What a module exports. A bundle has all that a CommonJS module exports as its default: what
 * TypeScript compiles to CommonJS has another default in it, and a function may have `inputs`.
 */
function exportsOf(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const whole = module["default"];
  if (Object.keys(module).length !== 1) return module;
  if (typeof whole === "function") {
    return Object.hasOwn(whole, "inputs")
      ? { default: whole, inputs: Reflect.get(whole, "inputs") }
      : module;
  }
  const isCompiled = typeof whole === "object" && whole !== null && "__esModule" in whole;
  return isCompiled ? { ...whole } : module;
}

async function targetOf(
  path: string,
  exported: unknown,
  tfjs: object,
  listsInputs: boolean,
  { call, wait }: ModuleCalls,
): Promise<Target> {
  if (isModel(exported)) return exported;
  if (typeof exported !== "function") {
    const found = exported === undefined ? "nothing" : typeof exported;
    throw new OpcounterError(
      "module-invalid",
      `${path} must export by default a model, or a function of tf that returns one; it exports ${found}.`,
    );
  }
  const program = (): unknown => call(() => exported(tfjs));
  const run = async () => program();
  let made: unknown;
  try {
    made = await wait(run());
  } catch (error) {
    if (error instanceof OpcounterError && error.code === "program-timeout") throw error;
    // A common mistake: a function that takes its inputs here, where it gets only tf.
    const remedy =
      !listsInputs || exported.length > 1
        ? "it is called with tf and no inputs, which go to the function that it returns"
        : undefined;
    throw new OpcounterError(
      "module-failed",
      `The default export of ${path} threw: ${reasonOf(error).replace(/\.$/, "")}`,
      { remedy, cause: error },
    );
  }
  if (isModel(made)) return made;
  if (typeof made === "function") {
    return (...tensors: unknown[]) => call(() => made(...tensors));
  }
  // It returned no model, so the function itself is the program. A second run records it.
  return program;
}

function moduleInputs(path: string, inputs: unknown): readonly string[] {
  if (inputs === undefined) return [];
  const isList = Array.isArray(inputs) && inputs.every((input) => typeof input === "string");
  if (isList) return inputs;
  throw new OpcounterError(
    "module-invalid",
    `${path} exports inputs that are not a list of strings like "image=1x224x224x3:f32".`,
  );
}
