import { namesToChoose, OpcounterError } from "@opcounter/ir/core";
import type { Engine } from "./engine.ts";
import { type Flags, USUAL } from "./flags.ts";

/**
 * Checks flags that a trace is to set.
 *
 * @throws OpcounterError "option-invalid" where a name is no flag of the table, or a value has not
 *   the flag's type, or the TensorFlow.js that is loaded lacks the flag.
 */
export function checkFlags({ ENV }: Engine, flags: Flags): void {
  for (const [name, value] of Object.entries(flags)) checkFlag(ENV, name, value);
}

function checkFlag({ flagRegistry }: Engine["ENV"], name: string, value: unknown): void {
  const usual = Object.hasOwn(USUAL, name) ? USUAL[name] : undefined;
  if (usual === undefined) {
    throw new OpcounterError("option-invalid", `There is no flag "${name}" that a trace can set.`, {
      remedy: namesToChoose(name, Object.keys(USUAL)),
    });
  }
  const isBoolean = typeof usual === "boolean";
  if (isBoolean ? typeof value !== "boolean" : !Number.isSafeInteger(value)) {
    throw new OpcounterError("option-invalid", `The flag ${name} cannot be ${String(value)}`, {
      remedy: `it is ${isBoolean ? "true or false" : "an integer"}, by default ${usual}`,
    });
  }
  if (!(name in flagRegistry)) {
    throw new OpcounterError(
      "option-invalid",
      `The TensorFlow.js that is loaded has no flag ${name}`,
      { remedy: "use @tensorflow/tfjs 4.22, or leave the flag out" },
    );
  }
}
