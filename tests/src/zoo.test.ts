import { readFileSync } from "node:fs";
import { type CostReport, count } from "@opcounter/counters";
import { type Call, type Graph, type Shape, sizeOf, typeOfCallValue, valueAt } from "@opcounter/ir";
import { type Device, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";
import { buildMnasnet } from "../../packages/cli/src/zoo/mnasnet.ts";
import { traceZoo, zooGraph } from "./zoo-graph.ts";

/** What thop, fvcore, ptflops and an independent hook gave on one of torchvision's models, in eval mode. */
interface Reference {
  readonly params: number;
  readonly params_without_aux?: number;
  readonly bn_buffers: number;
  readonly conv_linear_macs: number;
  /** With the products of attention, where the model has them. */
  readonly all_matmul_macs?: number;
  readonly thop_head_macs: number;
  readonly fvcore_flops: number;
  readonly ptflops_aten_macs: number;
  readonly by_module_type: Readonly<Record<string, { calls: number; out_elems: number }>>;
}

const REFERENCES: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL("../fixtures/reference/torchvision.json", import.meta.url), "utf8"),
).models;

/** PyTorch's module type for each layer class that stands for a module. */
const MODULE_TYPES: Readonly<Record<string, string>> = {
  Conv2D: "Conv2d",
  DepthwiseConv2D: "Conv2d",
  GroupedConv2D: "Conv2d",
  BatchNormalization: "BatchNorm2d",
  ReLU: "ReLU",
  ReLU6: "ReLU6",
  MaxPooling2D: "MaxPool2d",
  AveragePooling2D: "AvgPool2d",
  AdaptiveAveragePooling2D: "AdaptiveAvgPool2d",
  Dropout: "Dropout",
  StochasticDepth: "StochasticDepth",
  Hardswish: "Hardswish",
  Hardsigmoid: "Hardsigmoid",
  SiLU: "SiLU",
  Sigmoid: "Sigmoid",
  GELU: "GELU",
  LayerNormalization: "LayerNorm",
  Dense: "Linear",
};

/** The table in thop's README: parameters in millions and MACs in billions, as printed. */
const PUBLISHED: Readonly<Record<string, readonly [params: string, macs: string]>> = {
  alexnet: ["61.10", "0.77"],
  vgg11: ["132.86", "7.74"],
  vgg11_bn: ["132.87", "7.77"],
  vgg13: ["133.05", "11.44"],
  vgg13_bn: ["133.05", "11.49"],
  vgg16: ["138.36", "15.61"],
  vgg16_bn: ["138.37", "15.66"],
  vgg19: ["143.67", "19.77"],
  vgg19_bn: ["143.68", "19.83"],
  resnet18: ["11.69", "1.82"],
  resnet34: ["21.80", "3.68"],
  resnet50: ["25.56", "4.14"],
  resnet101: ["44.55", "7.87"],
  resnet152: ["60.19", "11.61"],
  wide_resnet50_2: ["68.88", "11.46"],
  wide_resnet101_2: ["126.89", "22.84"],
  resnext50_32x4d: ["25.03", "4.29"],
  resnext101_32x8d: ["88.79", "16.54"],
  densenet121: ["7.98", "2.90"],
  densenet161: ["28.68", "7.85"],
  densenet169: ["14.15", "3.44"],
  densenet201: ["20.01", "4.39"],
  squeezenet1_0: ["1.25", "0.82"],
  squeezenet1_1: ["1.24", "0.35"],
  mnasnet0_5: ["2.22", "0.14"],
  mnasnet0_75: ["3.17", "0.24"],
  mnasnet1_0: ["4.38", "0.34"],
  mnasnet1_3: ["6.28", "0.53"],
  mobilenet_v2: ["3.50", "0.33"],
  shufflenet_v2_x0_5: ["1.37", "0.05"],
  shufflenet_v2_x1_0: ["2.28", "0.15"],
  shufflenet_v2_x1_5: ["3.50", "0.31"],
  shufflenet_v2_x2_0: ["7.39", "0.60"],
  inception_v3: ["27.16", "5.75"],
};

/** Rows that differ from thop's, each for the reason that the model's note gives. */
const OURS: Readonly<Record<string, readonly [params: string, macs: string]>> = {
  mnasnet0_5: ["2.22", "0.12"],
  mnasnet1_3: ["6.28", "0.56"],
  inception_v3: ["23.83", "5.75"],
};

describe("zoo", () => {
  let device: Device;
  const inspect = (name: string, shape?: Shape) =>
    shape ? traceZoo(device, name, shape) : zooGraph(name);

  before(async () => {
    device = await openDevice("virtual");
  });

  it("has every model of thop's table", () => {
    expect(Object.keys(ZOO)).to.include.members(Object.keys(PUBLISHED));
  });

  for (const [name, { note }] of Object.entries(ZOO)) {
    const reference = REFERENCES[name];
    if (reference === undefined) continue;
    describe(name, () => {
      let graph: Graph;
      let native: CostReport;
      before(async () => {
        graph = await inspect(name);
        native = count(graph, { strict: true });
      });

      it("has torchvision's parameters and batch-norm statistics", () => {
        expect(native.totals.params).to.equal(reference.params_without_aux ?? reference.params);
        const statistics = graph.values.filter(
          (value) => value.kind === "param" && value.role === "statistic",
        );
        const elements = statistics.reduce((sum, value) => sum + sizeOf(value.shape), 0);
        // PyTorch counts the auxiliary classifier's statistics too: two a channel.
        const auxiliary = reference.params_without_aux === undefined ? 0 : 2 * (128 + 768);
        expect(elements).to.equal(reference.bn_buffers - auxiliary);
      });

      it("has torchvision's convolution and linear MACs", () => {
        const { all_matmul_macs, conv_linear_macs } = reference;
        expect(native.totals.macs).to.equal(all_matmul_macs ?? conv_linear_macs);
      });

      it("has torchvision's modules, called as often, on as many elements", () => {
        expect(callsByModuleType(graph)).to.deep.equal(outputsOf(reference));
      });

      it("counts what thop, fvcore and ptflops count", () => {
        const macs = (convention: string) => count(graph, { convention, strict: true }).macs;
        expect(macs("thop@head")).to.equal(reference.thop_head_macs);
        expect(macs("fvcore")).to.equal(reference.fvcore_flops);
        expect(macs("ptflops")).to.equal(reference.ptflops_aten_macs);
      });

      const published = PUBLISHED[name];
      if (published === undefined) return;
      const isOurs = OURS[name] !== undefined;
      it(`has thop's published row${isOurs ? ", but for what its note says" : ""}`, () => {
        const { macs, params } = count(graph, { convention: "thop@2019-09", strict: true });
        const row = [(Number(params) / 1e6).toFixed(2), (Number(macs) / 1e9).toFixed(2)];
        expect(row).to.deep.equal(OURS[name] ?? published);
        if (isOurs) expect(note).to.be.a("string");
      });
    });
  }

  it("has thop's published mnasnet rows with the stem of that time, and inception's with its head", async () => {
    for (const [name, width] of [
      ["mnasnet0_5", 0.5],
      ["mnasnet1_3", 1.3],
    ] as const) {
      const model = buildMnasnet(tf, name, width, 1);
      const graph = await trace(model, [tf.zeros([1, 224, 224, 3])], { device });
      const { macs, params } = count(graph, { convention: "thop@2019-09" });
      expect([(Number(params) / 1e6).toFixed(2), (Number(macs) / 1e9).toFixed(2)]).to.deep.equal(
        PUBLISHED[name],
      );
      model.dispose();
    }
    // What the auxiliary classifier has, as the model's note says.
    const { params } = count(await inspect("inception_v3"));
    expect(((Number(params) + 3_326_696) / 1e6).toFixed(2)).to.equal(
      PUBLISHED["inception_v3"]?.[0],
    );
  });

  it("names layers after torchvision's modules", async () => {
    const { calls } = await inspect("mobilenet_v2");
    const scopes = calls.map(({ scope }) => scope.join("."));
    expect(scopes).to.include.members([
      "features.0.0",
      "features.1.conv.0.0",
      "features.1.conv.1",
      "features.17.conv.1.2",
      "features.18.1",
      "classifier.1",
    ]);
  });

  it("takes images of other sizes, several at a time", async () => {
    const graph = await inspect("densenet121", [2, 64, 96, 3]);
    const [result] = graph.results.map((id) => valueAt(graph, id).shape);
    expect(result).to.deep.equal([2, 1000]);
  });

  it("says so where an image's size does not fit", async () => {
    const error = await inspect("vgg11", [1, 256, 256, 3]).catch((reason: unknown) => reason);
    expect(String(error)).to.include("An image of 8x8 cannot be pooled evenly to 7x7");
  });

  it("builds on any backend without a tensor beyond the weights, which dispose frees", () => {
    const before = tf.memory().numTensors;
    const model = ZOO["resnext50_32x4d"]?.build(tf);
    expect(tf.memory().numTensors - before).to.equal(model?.weights.length);
    model?.dispose();
    expect(tf.memory().numTensors).to.equal(before);
  });
});

type Outputs = Record<string, { calls: number; out_elems: number }>;

/** How often each type of module was called, and how many elements came out in all. */
function callsByModuleType(graph: Graph): Outputs {
  const outputs: Outputs = {};
  for (const { className, results } of graph.calls as readonly Call[]) {
    const type = MODULE_TYPES[className];
    if (type === undefined) continue;
    const row = outputs[type] ?? { calls: 0, out_elems: 0 };
    outputs[type] = row;
    row.calls++;
    for (const value of results) row.out_elems += sizeOf(typeOfCallValue(graph, value).shape);
  }
  return outputs;
}

function outputsOf({ by_module_type }: Reference): Outputs {
  const rows = Object.entries(by_module_type);
  return Object.fromEntries(
    rows.map(([type, { calls, out_elems }]) => [type, { calls, out_elems }]),
  );
}
