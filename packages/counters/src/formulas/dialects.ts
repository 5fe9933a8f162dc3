import { MOVING_COMMANDS, wgsl } from "@opcounter/ir/core";
import { parseExpression } from "../expressions/expression.ts";
import type { Formula, FormulaStatus, OpInGraph } from "./formula.ts";
import type { KnownSymbol } from "./legend.ts";

/** How the commands of a WebGPU program are counted; see `Formula`. */
export interface DialectFormula extends Pick<Formula, "expressions" | "symbols"> {
  /** The name that the kernel is declared by: `wgsl` for every dispatch. */
  readonly kernel: string;
  readonly status: FormulaStatus;
  readonly source: string;
}

/** What the shader of a dispatch executes, as it was counted when the program was recorded. */
const executed =
  (kind: KnownSymbol) =>
  (_: unknown, { op }: OpInGraph) => {
    const amount = op.attrs[kind];
    return typeof amount === "number" ? amount : 0;
  };

const dispatch: DialectFormula = {
  kernel: wgsl.name,
  status: "formula",
  source: "what its shader executes, whatever buffers hold",
  symbols: {
    multiplyAdds: executed("multiplyAdds"),
    additions: executed("additions"),
    multiplications: executed("multiplications"),
    divisions: executed("divisions"),
    comparisons: executed("comparisons"),
    transcendentals: executed("transcendentals"),
  },
  expressions: {
    macs: parseExpression("multiplyAdds"),
    flops: parseExpression(
      "2 * multiplyAdds + additions + multiplications + divisions + comparisons",
    ),
    transcendentals: parseExpression("transcendentals"),
  },
};

export const dialectFormulas: readonly DialectFormula[] = [
  dispatch,
  ...MOVING_COMMANDS.map(({ name }) => ({
    ...{ kernel: name, status: "zero" as const, source: "moves bytes" },
    ...{ symbols: {}, expressions: {} },
  })),
];
