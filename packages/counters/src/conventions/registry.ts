import { UserError } from "@opcounter/ir";
import { tfProfiler, xla } from "./compilers.ts";
import type { Convention } from "./convention.ts";
import { fvcore, ptflops, torch } from "./dispatch-tools.ts";
import { thopConventions } from "./thop.ts";

/** The name of opcounter's own convention, whose rules are the formulas themselves. */
export const NATIVE = "native";

/** The conventions of other tools, by name. */
export const CONVENTIONS: ReadonlyMap<string, Convention> = new Map(
  [...thopConventions, fvcore, ptflops, torch, xla, tfProfiler].map((convention) => [
    convention.name,
    convention,
  ]),
);

/** Every name that `findConvention` knows, `native` first. */
export const CONVENTION_NAMES: readonly string[] = [NATIVE, ...CONVENTIONS.keys()];

/**
 * A convention by name; undefined for `native`.
 *
 * @throws UserError where there is none of that name.
 */
export function findConvention(name: string): Convention | undefined {
  if (name === NATIVE) return undefined;
  const convention = CONVENTIONS.get(name);
  if (convention === undefined) {
    throw new UserError(
      `There is no convention "${name}"; there are ${CONVENTION_NAMES.join(", ")}.`,
    );
  }
  return convention;
}
