import { type CostReport, count } from "@opcounter/counters";
import type { Graph, Shape } from "@opcounter/ir";
import { type Device, openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { traceZoo, zooGraph } from "./zoo-graph.ts";

/**
 * Models of the zoo that no tool was run on, held to formulas that follow from their architecture.
 * L layers, d the width, S tokens, V the vocabulary.
 */
describe("zoo, by formula", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });

  const inspect = async (name: string, shape?: Shape) => {
    const graph = await (shape ? traceZoo(device, name, shape) : zooGraph(name));
    const { totals, uncounted } = count(graph, { strict: true });
    expect(uncounted).to.deep.equal([]);
    return { graph, params: totals.params, macs: totals.macs };
  };
  const macsBy = (graph: Graph, convention: string): CostReport["macs"] =>
    count(graph, { convention }).macs;

  it("mobilenet_v1 is a convolution, 13 separable ones and a linear layer", async () => {
    const { params, macs } = await inspect("mobilenet_v1");
    const norm = (channels: number) => 2 * channels;
    let [channels, size] = [32, 112];
    let expectedParams = 9 * 3 * 32 + norm(32) + 1024 * 1000 + 1000;
    let expectedMacs = 9 * 3 * 32 * size ** 2 + 1024 * 1000;
    for (const filters of [64, 128, 128, 256, 256, 512, ...Array(5).fill(512), 1024, 1024]) {
      // The image is halved where the filters are doubled, but for the first time.
      if (filters > channels && channels > 32) size /= 2;
      expectedParams += 9 * channels + norm(channels) + channels * filters + norm(filters);
      expectedMacs += (9 * channels + channels * filters) * size ** 2;
      channels = filters;
    }
    expect(params).to.equal(expectedParams).and.to.equal(4_231_976);
    expect(macs).to.equal(expectedMacs).and.to.equal(568_740_352);
  });

  /** Of a layer: four projections of d² and two of 4d² with their biases, and two normalizations. */
  const layerParams = (d: number) => 12 * d ** 2 + 13 * d;
  const projectionMacs = (S: number, d: number) => 12 * d ** 2 * S;
  /** q·kᵀ and the product with v, over all heads. */
  const attentionMacs = (S: number, d: number) => 2 * S ** 2 * d;

  describe("bert_base", () => {
    const [L, d, S, V] = [12, 768, 128, 30_522];
    const norms = (2 * L + 1) * S * d;
    let bert: Awaited<ReturnType<typeof inspect>>;
    before(async () => {
      bert = await inspect("bert_base");
    });

    it("has the parameters of embeddings, layers and pooler", () => {
      const embeddings = (V + 512 + 2) * d + 2 * d;
      const pooler = d ** 2 + d;
      expect(bert.params)
        .to.equal(embeddings + L * layerParams(d) + pooler)
        .and.to.equal(109_482_240);
    });

    it("has the MACs of projections, attention and pooler", () => {
      expect(bert.macs).to.equal(L * (projectionMacs(S, d) + attentionMacs(S, d)) + d ** 2);
    });

    it("counts for other tools what they see of it", () => {
      const { graph } = bert;
      const linear = L * projectionMacs(S, d) + d ** 2;
      const all = linear + L * attentionMacs(S, d);
      const biases = L * 9 * d * S + d;
      expect(macsBy(graph, "thop@head")).to.equal(linear + 4 * norms);
      expect(macsBy(graph, "fvcore")).to.equal(all + 5 * norms);
      expect(macsBy(graph, "ptflops")).to.equal(all + biases);
      expect(count(graph, { convention: "torch" }).flops).to.equal(2 * all);
    });
  });

  const GPT2 = {
    gpt2: { L: 12, d: 768, params: 124_439_808 },
    gpt2_medium: { L: 24, d: 1024, params: 354_823_168 },
    gpt2_large: { L: 36, d: 1280, params: 774_030_080 },
    gpt2_xl: { L: 48, d: 1600, params: 1_557_611_200 },
  };
  for (const [name, { L, d, params }] of Object.entries(GPT2)) {
    it(`${name} is embeddings, layers and a head that has no weights of its own`, async () => {
      const [S, V] = [128, 50_257];
      const gpt = await inspect(name);
      expect(gpt.params)
        .to.equal((V + 1024) * d + L * layerParams(d) + 2 * d)
        .and.to.equal(params);
      const linear = L * projectionMacs(S, d) + S * d * V;
      const all = linear + L * attentionMacs(S, d);
      const norms = (2 * L + 1) * S * d;
      expect(gpt.macs).to.equal(all);
      expect(macsBy(gpt.graph, "thop@head")).to.equal(linear + 4 * norms);
      expect(macsBy(gpt.graph, "fvcore")).to.equal(all + 5 * norms);
      expect(macsBy(gpt.graph, "ptflops")).to.equal(all + L * 9 * d * S);
    });
  }

  it("gpt2 takes sequences of other lengths, several at a time", async () => {
    const [L, d, S, V, batch] = [12, 768, 20, 50_257, 3];
    const { macs } = await inspect("gpt2", [batch, S]);
    const each = L * (projectionMacs(S, d) + attentionMacs(S, d)) + S * d * V;
    expect(macs).to.equal(batch * each);
  });

  it("gpt2_xl costs no memory for most of the 6 GB of its weights", async () => {
    const before = process.memoryUsage().rss;
    await traceZoo(device, "gpt2_xl", [1, 1024]);
    // Its largest weight, the embedding of 50,257 tokens, takes 322 MB.
    expect(process.memoryUsage().rss - before).to.be.below(700e6);
  });

  it("thop sees neither attention in vit_b_16 nor the projections around it", async () => {
    const [L, d, S] = [12, 768, 14 ** 2 + 1];
    const { graph, macs } = await inspect("vit_b_16");
    const unseen = L * (4 * d ** 2 * S + attentionMacs(S, d));
    const norms = (2 * L + 1) * S * d;
    expect(macsBy(graph, "thop@head")).to.equal(Number(macs) - unseen + 4 * norms);
  });

  for (const [name, gates] of [
    ["lstm", 4],
    ["gru", 3],
  ] as const) {
    it(`${name} is ${gates} gates of two layers at every step`, async () => {
      const [steps, H] = [50, 256];
      const { graph, params, macs } = await inspect(name);
      const overLayers = (of: (inputs: number) => number) => of(128) + of(H);
      const products = overLayers((inputs) => gates * H * (inputs + H));
      expect(params).to.equal(products + 2 * gates * H);
      expect(macs).to.equal(steps * products);
      // A gate's sum and two biases, as thop has them, and 4 operations a unit for the state.
      const thop = overLayers((inputs) => gates * (H * (inputs + H) + 3 * H) + 4 * H);
      expect(macsBy(graph, "thop@head")).to.equal(steps * thop);
      expect(macsBy(graph, "fvcore")).to.equal(0);
      expect(macsBy(graph, "ptflops")).to.equal(steps * (products + 2 * 2 * gates * H));
    });
  }
});
