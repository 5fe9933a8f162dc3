import { counted, OpcounterError } from "@opcounter/ir/core";
import { tensorsIn } from "../targets/tensors-in.ts";

/**
 * Refuses a target that computed nothing when it was called. Its report would be all zeros. One that
 * returns nothing after it ran ops is a step with an effect, such as an optimizer's.
 *
 * @throws OpcounterError "program-empty".
 */
export function checkComputed(returned: unknown, ops: number): void {
  const isDeferred = typeof returned === "function" || isGenerator(returned);
  if (ops > 0 && !isDeferred) return;
  const ran = ops === 0 ? "runs no op" : `runs ${counted(ops, "op")}`;
  const unrun = isDeferred ? ", which is not run" : "";
  throw new OpcounterError(
    "program-empty",
    `The target ${ran} and returns ${described(returned)}${unrun}`,
    {
      remedy:
        "a target must be a model, or a function that computes with tensors when it is called and returns the results",
    },
  );
}

function isGenerator(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "next") === "function" &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

/** What a target returned, for a message: `a function`, `2 tensors`. */
function described(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") return "a function";
  if (isGenerator(value)) return "a generator";
  const tensors = tensorsIn(value).length;
  if (tensors > 0) return counted(tensors, "tensor");
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = value.constructor ?? {};
  return `an object${name === undefined ? "" : ` of the class ${name}`} without tensors`;
}
