import type { Graph, Op } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/**
 * Layer norms of tf.layers, which tiles mean, variance, scale and offset to the size of its input
 * before it calls the batch-norm kernel. The kernel of the WebGPU backend broadcasts them itself.
 * Source: `LayerNormalization.call` of tfjs-layers 4.22, batchnorm_webgpu.ts of tfjs-backend-webgpu.
 */
export const tiledLayerNorms: AdviceRule = {
  name: "tiled-layer-norm",
  finds: "The `Tile` kernels of `tf.layers.layerNormalization`",
  advises: "A layer of your own with `tf.batchNorm`, which broadcasts on WebGPU",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  return graph.ops.flatMap((batchNorm) => {
    if (batchNorm.kernel !== "FusedBatchNorm" || !isLayerNorm(graph, batchNorm)) return [];
    const operands = Object.values(batchNorm.operands).map((value) => {
      const tile = definingOp(graph, value);
      return tile?.kernel === "Tile" ? { tile, value: tile.operands["x"] ?? value } : { value };
    });
    const tiles = operands.flatMap(({ tile }) => tile ?? []);
    if (tiles.length === 0) return [];
    const saves = savedBy(graph, {
      removed: [...tiles, batchNorm],
      added: [
        {
          reads: operands.map(({ value }) => value),
          writes: batchNorm.results,
          dispatches: batchNorm.dispatches.length,
          like: batchNorm,
        },
      ],
    });
    const host = tiles.filter(({ placement }) => placement === "cpu").length;
    const onHost = host === 0 ? "" : `, ${host} of them on the host`;
    return [
      {
        finding: `tf.layers.layerNormalization runs ${counted(tiles.length, "Tile kernel")}${onHost}, which write ${shortBytes(saves.bytesWritten)}, to give each element a mean, variance, scale and offset of its own.`,
        remedy:
          "For inference on WebGPU, write the layer norm as a layer of your own: tf.batchNorm(x, mean, variance, beta, gamma, ε) with { mean, variance } = tf.moments(x, -1, true), and beta and gamma of as many dimensions as x, broadcasts all four. (tf's cpu backend does not, nor does the gradient.)",
        scope: batchNorm.scope,
        ops: [...tiles, batchNorm].map(({ id }) => id).sort((a, b) => a - b),
        saves,
      },
    ];
  });
}

function isLayerNorm(graph: Graph, op: Op): boolean {
  const author = authorOf(graph, op);
  return typeof author === "object" && author.layer === "LayerNormalization";
}
