import { count, type Integer, type NamedType } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { withDevice } from "../runner.ts";
import { inputsOf, loadTarget } from "../target/load-target.ts";
import { ZOO } from "./catalog.ts";

/** The conventions of the MACs in the zoo's table. */
export const ZOO_CONVENTIONS = ["thop@2019-09", "thop@head", "native"] as const;
export type ZooConvention = (typeof ZOO_CONVENTIONS)[number];

/** resnet50's, by native. Of larger models the shaders take longer to count than a person waits. */
const MOST_MACS_EXECUTED = 4_089_184_256;

/** Which model of the zoo is asked for, and what of it. */
export interface ZooQuestion {
  readonly name: string;
  /** Whether to count in the shaders, too, for models up to the size of resnet50. */
  readonly executed: boolean;
}

/** The costs of one model of the zoo on its default inputs. */
export interface ZooRow {
  readonly name: string;
  readonly inputs: readonly NamedType[];
  readonly params: Integer;
  readonly macs: Readonly<Record<ZooConvention, Integer | null>>;
  /** By the convention native, as are all other figures that depend on a convention. */
  readonly flops: Integer | null;
  readonly peakBytes: Integer;
  readonly dispatches: number;
  /** The number of kernels that run. */
  readonly ops: number;
  /**
   * The products that shaders execute for each MAC, where that is asked for; null where the model
   * has more MACs than resnet50, or where the number is not exact.
   */
  readonly productsPerMac?: number | null;
  /** How and why the model differs from the published one, if it does. */
  readonly note?: string;
}

/** Builds a model of the zoo, runs it once on the virtual device, and counts it. */
export async function zooRow({ name, executed }: ZooQuestion): Promise<ZooRow> {
  const graph = await withDevice("virtual", {}, async (runner) => {
    const loaded = await loadTarget(name, runner);
    try {
      return await loaded.trace(await inputsOf(loaded, []), {});
    } finally {
      loaded.dispose();
    }
  });
  const { inputs, totals } = count(graph, { strict: true });
  const { params, flops, peakBytes, dispatches, ops } = totals;
  const note = ZOO[name]?.note;
  const macsBy = (convention: ZooConvention) => count(graph, { convention }).totals.macs;
  return {
    name,
    inputs,
    params,
    macs: {
      "thop@2019-09": macsBy("thop@2019-09"),
      "thop@head": macsBy("thop@head"),
      native: totals.macs,
    },
    flops,
    peakBytes,
    dispatches,
    ops,
    ...(executed ? { productsPerMac: await productsPerMac(graph, totals.macs) } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

async function productsPerMac(graph: Graph, macs: Integer | null): Promise<number | null> {
  if (macs === null || macs > MOST_MACS_EXECUTED) return null;
  const { executedKept } = await import("../executed/kept-report.ts");
  const { total } = executedKept(graph);
  const isExact = total.atMost === null && total.uncounted === 0 && Number(total.macs) > 0;
  return isExact ? total.products / Number(total.macs) : null;
}
