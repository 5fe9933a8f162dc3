import { namesToChoose, OpcounterError } from "@opcounter/ir/core";
import { calflops } from "./calflops.ts";
import { type Convention, type ConventionDefinition, readConvention } from "./convention.ts";
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

/** The tools' conventions; one more is one more file and a line here. */
const TOOLS: readonly ConventionDefinition[] = [
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
];

/** The name of opcounter's own convention. */
export const NATIVE = native.name;

/** The names of the built-in conventions, `native` first. */
export const CONVENTION_NAMES: readonly string[] = [NATIVE, ...TOOLS.map(({ name }) => name)];

/** A definition is read when it is used: to read all of them takes longer than to count a model. */
const read = new Map([[NATIVE, native]]);

/**
 * A convention by name: a built-in one, or one of the user's own.
 *
 * @param own the user's own, by name.
 * @throws OpcounterError where there is none of that name.
 */
export function findConvention(
  name: string,
  own: ReadonlyMap<string, Convention> = new Map(),
): Convention {
  const known = own.get(name) ?? read.get(name);
  if (known !== undefined) return known;
  const definition = TOOLS.find((tool) => tool.name === name);
  if (definition === undefined) {
    throw new OpcounterError("convention-unknown", `There is no convention "${name}".`, {
      remedy: namesToChoose(name, [...CONVENTION_NAMES, ...own.keys()]),
    });
  }
  const convention = readConvention(definition);
  read.set(name, convention);
  return convention;
}
