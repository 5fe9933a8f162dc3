import { expectedOf, fitPrograms, type LaunchSpec, timeModel } from "@opcounter/counters";
import {
  addWork,
  countGraph,
  type DispatchWork,
  isProblem,
  noWork,
  type Work,
} from "@opcounter/executed";
import { median, quantile } from "@opcounter/ir";
import { h100 } from "../../../packages/counters/src/roofline/devices/h100.ts";
import { expectTable } from "../generated-table.ts";
import { MEASURED, type MeasuredOp, measuredOps } from "../h100.ts";
import { zooGraph } from "../zoo-graph.ts";

/** An H100 of which only what `calibrate` measures is known. */
const BARE: LaunchSpec = {
  ...{ name: "H100", flops: h100.flops, bandwidth: h100.bandwidth, launchNs: 8600 },
  ...{ transcendentals: h100.transcendentals, workgroupFlops: h100.workgroupFlops },
  idle: { launchNs: 25_000, slowdown: 25_000 / 8600 },
};

interface Op {
  readonly measured: MeasuredOp;
  readonly executed: Readonly<Work>;
}

/** What an op asks of a device, where it is not what its formula says. */
type Change = (executed: Readonly<Work>) => Partial<MeasuredOp["work"]>;

const floats = (work: Readonly<Work>) =>
  2 * work.multiplyAdds + work.additions + work.multiplications + work.divisions + work.comparisons;

const WAYS: Readonly<Record<string, Change>> = {
  "formulas, padded to tiles: what is used": () => ({}),
  "executed floating-point operations": (work) => ({ paddedFlops: floats(work) }),
  "the same and integer operations": (work) => ({ paddedFlops: floats(work) + work.integers }),
  "executed operations and issued bytes": (work) => ({
    paddedFlops: floats(work),
    bytes: work.loadBytes + work.storeBytes,
  }),
};

/** All choices of three names. */
function threeOf(names: readonly string[]): string[][] {
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b, j) => names.slice(i + j + 2).map((c) => [a, b, c])),
  );
}

/** |predicted / measured − 1| of the ops of each two models, fitted on the three others. */
function errorsOf(ops: readonly Op[], change: Change): number[] {
  const changed = ops.map(({ measured, executed }) => {
    return { ...measured, work: { ...measured.work, ...change(executed) } };
  });
  return threeOf(Object.keys(MEASURED.models)).flatMap((seen) => {
    const isSeen = ({ model }: MeasuredOp) => seen.includes(model);
    const spec = fitPrograms(BARE, changed.filter(isSeen));
    return changed
      .filter((op) => !isSeen(op))
      .map(({ work, program, idles, measuredMs }) => {
        const model = timeModel(spec, idles);
        if (model === undefined) throw new Error("the spec says too little");
        return Math.abs(expectedOf(model, work, program).ms / measuredMs - 1);
      });
  });
}

describe("the prediction of times by executed work", function () {
  this.timeout(600_000);
  const ops: Op[] = [];

  before(async () => {
    const all = await measuredOps();
    const kept = new Map<string, DispatchWork>();
    let place = 0;
    for (const [model, { ops: measured }] of Object.entries(MEASURED.models)) {
      const graph = await zooGraph(model);
      const executed = new Map<number, Work>();
      for (const { op, counted } of countGraph(graph, kept)) {
        if (isProblem(counted)) throw new Error(counted.reason);
        const sum = executed.get(op.id) ?? noWork();
        addWork(sum, counted.work);
        executed.set(op.id, sum);
      }
      for (const { id } of graph.ops) {
        const work = executed.get(id);
        const isMeasured = measured[id]?.[2] !== 0 && measured[id] !== undefined;
        if (work === undefined || !isMeasured) continue;
        const found = all[place++];
        if (found?.model !== model) throw new Error(`${model}: op ${id} was not measured`);
        ops.push({ measured: found, executed: work });
      }
    }
  });

  it("is no nearer on models that the fit has not seen, as docs/executed.md says", () => {
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const rows = Object.entries(WAYS).map(([way, change]) => {
      const errors = errorsOf(ops, change);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      return [way, percent(median(errors)), percent(quantile(errors, 0.9)), percent(mean)];
    });
    expectTable(
      "executed.md",
      "predictions",
      ["by", "median error", "nine of ten below", "mean error"],
      rows,
    );
  });
});
