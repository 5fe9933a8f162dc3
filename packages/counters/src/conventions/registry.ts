import { namesToChoose, OpcounterError } from "@opcounter/ir/core";
import { calflops } from "./calflops.ts";
import type { Convention } from "./convention.ts";
import { fvcore } from "./fvcore.ts";
import { native } from "./native.ts";
import { ptflops } from "./ptflops.ts";
import { ptflopsPytorch } from "./ptflops-pytorch.ts";
import { tfProfiler } from "./tf-profiler.ts";
import { thop201907, thop201909, thopHead } from "./thop.ts";
import { thop21 } from "./thop-2.1.ts";
import { torch } from "./torch.ts";
import { torchinfo } from "./torchinfo.ts";
import { xla } from "./xla.ts";

/** Every convention there is; one more is one more file and a line here. */
const ALL = [
  native,
  thop201907,
  thop201909,
  thopHead,
  thop21,
  fvcore,
  ptflops,
  ptflopsPytorch,
  calflops,
  torchinfo,
  torch,
  xla,
  tfProfiler,
] satisfies readonly Convention[];

/** The name of opcounter's own convention. */
export const NATIVE = native.name;

/** The built-in conventions by name, `native` first. */
export const CONVENTIONS: ReadonlyMap<string, Convention> = new Map(
  ALL.map((convention) => [convention.name, convention]),
);

/** The names of the built-in conventions, `native` first. */
export const CONVENTION_NAMES: readonly string[] = [...CONVENTIONS.keys()];

/**
 * A built-in convention by name.
 *
 * @throws OpcounterError where there is none of that name.
 */
export function findConvention(name: string): Convention {
  const convention = CONVENTIONS.get(name);
  if (convention === undefined) {
    throw new OpcounterError("convention-unknown", `There is no convention "${name}".`, {
      remedy: namesToChoose(name, CONVENTION_NAMES),
    });
  }
  return convention;
}
