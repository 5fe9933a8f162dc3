import type { Plugin } from "opcounter";

/** Bits that an element takes in the model's files, by its type there. */
const BITS: Readonly<Record<string, number>> = { uint8: 8, uint16: 16, float16: 16, float32: 32 };

/**
 * MACs by the width that weights are stored in: what a chip with narrow multipliers could do. MACs
 * of two computed operands, such as attention's, are in none of the three.
 */
const plugin: Plugin = {
  costs: [8, 16, 32].map((bits) => ({
    name: `macs${bits}`,
    unit: "MACs",
    description: `by weights that are stored in ${bits} bits`,
    total: "sum",
    op: ({ params, quantities }) => {
      // A convolution's filter, or the operand of a matrix product that is a weight.
      const weight = params["filter"] ?? params["b"] ?? params["a"];
      const isWide = weight !== undefined && BITS[weight.stored ?? weight.dtype] === bits;
      return isWide ? quantities.macs : 0;
    },
  })),
};
export default plugin;
