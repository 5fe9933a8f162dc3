import type { Call, Graph, ParamValue } from "@opcounter/ir/core";
import type { LayerSymbol, WholeSymbols } from "../conventions/whole-symbols.ts";
import { exactSize } from "../expressions/integer.ts";
import { callToCount } from "./to-count.ts";

/** A cell that a layer of the class RNN wraps, as the layer that has this cell built in. */
export interface WrappedCell {
  readonly className: string;
  readonly symbols: WholeSymbols<LayerSymbol>;
}

/** Layers by their gates: so many times its units has a cell in each weight. */
const LAYER_BY_GATES: ReadonlyMap<number, string> = new Map([
  [1, "SimpleRNN"],
  [3, "GRU"],
  [4, "LSTM"],
]);

/**
 * The cells of a call of `tf.layers.rnn({ cell })`, in their order; none where the call is no such
 * one, or has a weight that is of no cell of TensorFlow.js. Each of these has a kernel
 * `[features, gates·units]`, a recurrent kernel `[units, gates·units]` and, perhaps, a bias.
 */
export function wrappedCells(graph: Graph, call: Call): readonly WrappedCell[] {
  if (call.className !== "RNN") return [];
  const { inputs, params } = callToCount(graph, call);
  const [input] = inputs;
  const cells = weightsByCell(params).map((weights) => cellOf(weights, input?.shape ?? []));
  const known = cells.filter((cell) => cell !== undefined);
  return known.length === cells.length ? known : [];
}

/** Weights in groups, each of which begins with a kernel. */
function weightsByCell(params: readonly ParamValue[]): ParamValue[][] {
  const groups: ParamValue[][] = [];
  for (const param of params) {
    const group = groups.at(-1);
    if (group === undefined || lastName(param) === "kernel") groups.push([param]);
    else group.push(param);
  }
  return groups;
}

function cellOf(weights: readonly ParamValue[], input: readonly number[]): WrappedCell | undefined {
  const [kernel, recurrent, bias, ...others] = weights;
  if (kernel === undefined || recurrent === undefined || others.length > 0) return;
  const areNamed =
    lastName(recurrent) === "recurrent_kernel" && [undefined, "bias"].includes(lastName(bias));
  const [features = 0, width = 0] = kernel.shape;
  const [units = 0] = recurrent.shape;
  const className = LAYER_BY_GATES.get(width / units);
  if (!areNamed || className === undefined || recurrent.shape[1] !== width) return;
  const rows = input.slice(0, -1);
  return {
    className,
    symbols: {
      N: [...rows, features],
      M: [...rows, units],
      R: rows,
      I: features,
      H: units,
      s: 1,
      b: bias === undefined ? 0 : 1,
      P: weights.reduce((total, { shape }) => total + exactSize(shape), 0n),
      B: rows[0] ?? 1,
    },
  };
}

/** A weight's own name, of `rnn/cell/recurrent_kernel` the last. */
function lastName(param: ParamValue | undefined): string | undefined {
  return param?.name.split("/").at(-1);
}
