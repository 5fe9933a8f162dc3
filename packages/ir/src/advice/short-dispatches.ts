import type { Dispatch } from "../dispatch.ts";
import type { Graph, Op } from "../graph.ts";
import { contractionOf } from "../kernels/registry.ts";
import { grouped } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";

/**
 * A dispatch that binds no more than this moves it in 1.3 µs even at 50 GB/s, the memory of a
 * phone. To launch it takes 8.6 µs, measured on an H100.
 */
const SHORT_BYTES = 65_536;

/** From so many on, and where they are most of a pass, launches are what the pass takes. */
const MANY = 100;

/** Passes that consist of launches, such as those of a recurrent layer over one sequence. */
export const shortDispatches: AdviceRule = {
  name: "short-dispatch",
  finds: "Many dispatches whose work takes less time than their launch",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  const all = graph.ops.reduce((sum, { dispatches }) => sum + dispatches.length, 0);
  const short = graph.ops.filter((op) => isLight(op) && op.dispatches.some(isShort));
  const count = short.reduce((sum, op) => sum + op.dispatches.filter(isShort).length, 0);
  if (count < MANY || count < all / 2) return [];
  return [
    {
      finding: `${grouped(count)} of ${grouped(all)} dispatches bind 64 KiB or less: to launch one takes longer than its work. Several inputs in one batch share most of them.`,
      scope: [],
      ops: short.map(({ id }) => id),
    },
  ];
}

/** Products and convolutions compute more than they move. */
function isLight({ kernel }: Op): boolean {
  return contractionOf(kernel) === undefined;
}

function isShort({ buffers }: Dispatch): boolean {
  return buffers !== undefined && buffers.reduce((sum, bytes) => sum + bytes, 0) <= SHORT_BYTES;
}
