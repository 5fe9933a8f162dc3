import { readFileSync } from "node:fs";
import { count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { type Device, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { evaluate } from "../../packages/counters/src/expressions/evaluate.ts";
import { parseExpression } from "../../packages/counters/src/expressions/expression.ts";
import { format } from "../../packages/counters/src/expressions/format.ts";
import { expectTable } from "./generated-table.ts";
import { NO_LAYER, PEER_LAYERS, type PeerLayer } from "./peer-layers.ts";
import { LAYER_REASONS, MODEL_REASONS, type PeerReasons } from "./peer-reasons.ts";
import { zooGraph } from "./zoo-graph.ts";

/** What each tool gave; a figure is missing where the tool failed. */
interface Reference {
  readonly params: number;
  readonly thop_ultralytics: number;
  readonly thop_head: number;
  readonly torch: number;
  readonly fvcore: { readonly total: number };
  readonly ptflops_pytorch?: number;
  readonly ptflops_aten?: number;
  readonly ptflops_pytorch_batch1?: number;
  readonly ptflops_aten_batch1?: number;
  readonly calflops?: { readonly flops: number; readonly macs: number };
  readonly torchinfo: { readonly total_mult_adds: number };
}

const {
  models: MODELS,
  layers: LAYERS,
}: Readonly<Record<"models" | "layers", Readonly<Record<string, Reference>>>> = JSON.parse(
  readFileSync(new URL("../fixtures/reference/peers-2026.json", import.meta.url), "utf8"),
);

/** The figure of the tool that a convention is named after; ptflops ran layers with a batch of 1. */
const FIGURES: Readonly<Record<string, (reference: Reference) => number | undefined>> = {
  "thop@2.1": ({ thop_ultralytics }) => thop_ultralytics,
  "thop@head": ({ thop_head }) => thop_head,
  torch: ({ torch }) => torch,
  fvcore: ({ fvcore }) => fvcore.total,
  "ptflops@pytorch": (of) => of.ptflops_pytorch ?? of.ptflops_pytorch_batch1,
  ptflops: (of) => of.ptflops_aten ?? of.ptflops_aten_batch1,
  calflops: ({ calflops }) => calflops?.flops,
  torchinfo: ({ torchinfo }) => torchinfo.total_mult_adds,
};
const CONVENTIONS = Object.keys(FIGURES);

/** What a convention counts, as its tool names the figure: FLOPs where it gives both. */
function figure(graph: Graph, convention: string) {
  const { macs, flops } = count(graph, { convention, strict: true });
  return flops ?? macs;
}

function differenceOf(reasons: PeerReasons, convention: string, name: string): number {
  const reason = reasons[convention]?.[name];
  if (reason === undefined) return 0;
  return Number(evaluate(parseExpression(reason.difference), reason.symbols));
}

/** Our figure is the tool's, or differs by what the reason says. */
function expectParity(
  graph: Graph,
  convention: string,
  [name, reference]: readonly [string, Reference],
  reasons: PeerReasons,
): void {
  const theirs = FIGURES[convention]?.(reference);
  if (theirs === undefined) return;
  const difference = differenceOf(reasons, convention, name);
  expect(figure(graph, convention), `${name} under ${convention}`).to.equal(theirs + difference);
}

/** The graph of a layer, with a batch of 1 where that is asked for. */
function traceLayer(device: Device, { inputs, target }: PeerLayer, isSingle: boolean) {
  return withBackend(device, async () => {
    const model = target();
    const tensors = inputs.map(([batch = 1, ...rest]) => tf.zeros([isSingle ? 1 : batch, ...rest]));
    try {
      return await trace(model, tensors, { device });
    } finally {
      tf.dispose(tensors);
      if (model instanceof tf.LayersModel) model.dispose();
    }
  });
}

/** Keras's cells have one bias per gate, PyTorch's two: as many parameters fewer. */
const FEWER_BIASES: Readonly<Record<string, number>> = {
  "lstm 16->32, 2 layers, 5 steps": 2 * 4 * 32,
  "gru 16->32, 5 steps": 3 * 32,
  "lstmcell 16->32": 4 * 32,
  "grucell 16->32": 3 * 32,
};

describe("parity with the tools of 2026", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });

  for (const entry of Object.entries(MODELS)) {
    const [name, reference] = entry;
    it(`counts ${name} as each tool does`, async () => {
      const graph = await zooGraph(name === "gpt2_lm" ? "gpt2" : name);
      expect(count(graph).params).to.equal(reference.params);
      for (const convention of CONVENTIONS) {
        expectParity(graph, convention, entry, MODEL_REASONS);
      }
      if (reference.calflops !== undefined) {
        expect(count(graph, { convention: "calflops" }).macs).to.equal(reference.calflops.macs);
      }
    });
  }

  for (const [name, layer] of Object.entries(PEER_LAYERS)) {
    it(`counts ${name} as each tool does`, async () => {
      const reference = LAYERS[name];
      if (reference === undefined) throw new Error(`the reference lacks ${name}`);
      const graph = await traceLayer(device, layer, false);
      const hasSingle = reference.ptflops_aten_batch1 !== undefined;
      const single = hasSingle ? await traceLayer(device, layer, true) : graph;
      expect(count(graph).params).to.equal(reference.params - (FEWER_BIASES[name] ?? 0));
      for (const convention of CONVENTIONS) {
        const run = convention.startsWith("ptflops") ? single : graph;
        expectParity(run, convention, [name, reference], LAYER_REASONS);
      }
      if (reference.calflops !== undefined) {
        expect(count(graph, { convention: "calflops" }).macs).to.equal(reference.calflops.macs);
      }
    });
  }

  it("leaves out no layer of the reference but those that TensorFlow.js lacks", () => {
    expect([...Object.keys(PEER_LAYERS), ...NO_LAYER].sort()).to.deep.equal(
      Object.keys(LAYERS).sort(),
    );
  });

  it("is documented: how many are equal, and what differs", () => {
    const compared = (references: typeof MODELS, names: readonly string[], convention: string) =>
      names.filter((name) => {
        const reference = references[name];
        return reference !== undefined && FIGURES[convention]?.(reference) !== undefined;
      });
    const share = (
      references: typeof MODELS,
      names: readonly string[],
      reasons: PeerReasons,
      convention: string,
    ) => {
      const all = compared(references, names, convention);
      const equal = all.filter((name) => differenceOf(reasons, convention, name) === 0);
      return `${equal.length} of ${all.length}`;
    };
    expectTable(
      "parity.md",
      "peers: equal",
      ["convention", "models that are equal", "layers that are equal"],
      CONVENTIONS.map((convention) => [
        `\`${convention}\``,
        share(MODELS, Object.keys(MODELS), MODEL_REASONS, convention),
        share(LAYERS, Object.keys(PEER_LAYERS), LAYER_REASONS, convention),
      ]),
    );
    const rows = [MODEL_REASONS, LAYER_REASONS].flatMap((reasons) =>
      Object.entries(reasons).flatMap(([convention, byName]) =>
        Object.entries(byName).map(([name, { why, difference, symbols }]) => [
          `\`${convention}\``,
          name,
          format(parseExpression(difference)),
          Object.entries(symbols)
            .map(([symbol, value]) => `${symbol} = ${value}`)
            .join(", "),
          why,
        ]),
      ),
    );
    expectTable(
      "parity.md",
      "peers: reasons",
      ["convention", "model or layer", "ours − the tool's", "where", "why"],
      rows,
    );
  });
});
