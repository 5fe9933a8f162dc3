import type { Plugin } from "opcounter";

/**
 * Energy per inference, by the table of Horowitz, "Computing's energy problem" (ISSCC 2014), for
 * 45 nm at 0.9 V: a float32 sum takes 0.9 pJ, a float32 product 3.7 pJ, and 64 bits from DRAM 1.3 to
 * 2.6 nJ, which is 162.5 to 325 pJ per byte.
 *
 * Assumed: a multiply-accumulate pair is a product and a sum. Every other operation takes what a sum
 * takes. Every byte goes to DRAM, no cache keeps any, at the lower figure; a write takes what a read
 * takes. Transcendentals, control and leakage are left out, since the table has no figure for them.
 */
const plugin: Plugin = {
  costs: [
    {
      name: "energy",
      unit: "pJ",
      description: "45 nm, float32 and DRAM at its least, by Horowitz (ISSCC 2014)",
      total: "sum",
      op: "4.6 * macs + 0.9 * max(flops - 2 * macs, 0) + 162.5 * (bytesRead + bytesWritten)",
    },
  ],
};
export default plugin;
