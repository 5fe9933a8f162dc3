import { didYouMean, type KernelName, PATTERN_NAMES, reasonOf, UserError } from "@opcounter/ir";
import { type Expression, parseExpression } from "../expressions/expression.ts";
import { FORMULAS } from "../formulas/registry.ts";

/**
 * How a tool of this field counts, as data over the same graph. A tool gives one figure an op: what
 * it calls MACs or FLOPs, named by `unit`.
 */
export interface Convention {
  /** With its version: `thop@2019-07`. */
  readonly name: string;
  /** One sentence on whose rules these are. */
  readonly description: string;
  /** What the tool calls its figure. */
  readonly unit: "macs" | "flops";
  /** The figure of an op by its kernel, in the kernel's symbols. */
  readonly kernels: ReadonlyMap<string, Expression>;
  /**
   * The figure of a whole layer by its class, in the symbols N, M, R, I, H, s and b that
   * `whole-calls.ts` gives; the ops inside then count nothing of their own.
   */
  readonly layers: ReadonlyMap<string, Expression>;
  /**
   * The figure of ops that are recognised as one, by the pattern's name (`layer-norm`, `softmax`), in
   * the symbols N, M, R, F and s that `whole-groups.ts` gives.
   */
  readonly patterns: ReadonlyMap<string, Expression>;
  /** By kernel, where the tool counts transcendentals beside its figure; undefined where it does not. */
  readonly transcendentals: ReadonlyMap<string, Expression> | undefined;
}

export interface ConventionDefinition extends Pick<Convention, "name" | "description" | "unit"> {
  /** An expression a kernel; a kernel left out counts 0, which is what the tool says of it. */
  readonly kernels: Readonly<Partial<Record<KernelName, string>>>;
  readonly layers?: Readonly<Record<string, string>>;
  readonly patterns?: Readonly<Record<string, string>>;
  readonly transcendentals?: Readonly<Partial<Record<KernelName, string>>>;
}

/**
 * Declares a convention.
 *
 * @throws UserError where a kernel is none of tfjs's, or an expression cannot be read.
 */
export function convention(definition: ConventionDefinition): Convention {
  const { name, description, unit, kernels, transcendentals } = definition;
  const parse = (expressions: Readonly<Record<string, string>>) =>
    new Map(
      Object.entries(expressions).map(([of, text]) => {
        try {
          return [of, parseExpression(text)];
        } catch (error) {
          const reason = reasonOf(error);
          throw new UserError(`The convention ${name} cannot count ${of}: ${reason}.`);
        }
      }),
    );
  for (const kernel of Object.keys({ ...kernels, ...transcendentals })) {
    if (FORMULAS.has(kernel)) continue;
    throw new UserError(
      `The convention ${name} counts ${kernel}, which is no kernel of TensorFlow.js.${didYouMean(kernel, FORMULAS.keys())}`,
    );
  }
  if (unit !== "macs" && unit !== "flops") {
    throw new UserError(`The convention ${name} has the unit "${unit}"; it is "macs" or "flops".`);
  }
  for (const pattern of Object.keys(definition.patterns ?? {})) {
    if (PATTERN_NAMES.has(pattern)) continue;
    throw new UserError(
      `The convention ${name} counts the pattern ${pattern}, which fuse does not know.${didYouMean(pattern, PATTERN_NAMES)} The patterns are ${[...PATTERN_NAMES].join(", ")}.`,
    );
  }
  return {
    name,
    description,
    unit,
    kernels: parse(kernels),
    layers: parse(definition.layers ?? {}),
    patterns: parse(definition.patterns ?? {}),
    transcendentals: transcendentals === undefined ? undefined : parse(transcendentals),
  };
}
