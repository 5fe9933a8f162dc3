import { count, reportToJson } from "@opcounter/counters";
import { advise, type Graph, notesOf, print, recordingOf, toJson } from "@opcounter/ir";
import { fromJson, ParseError, parse } from "@opcounter/ir/read";
import { type Device, openDevice, trace, traceTraining } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { zooGraph } from "./zoo-graph.ts";

const MODELS = [
  "alexnet",
  "squeezenet1_1",
  "mobilenet_v3_large",
  "shufflenet_v2_x0_5",
  "resnet18",
  "densenet121",
  "inception_v3",
  "efficientnet_b0",
  "vit_b_16",
  "bert_base",
  "gpt2",
  "lstm",
  "gru",
];

const FORMS = {
  json: (graph: Graph) => fromJson(JSON.parse(JSON.stringify(toJson(graph)))),
  text: (graph: Graph) => parse(print(graph)),
};

/** All that is told of a graph. */
function toldOf(graph: Graph) {
  const reports = ["native", "thop@head", "xla"].map((convention) =>
    reportToJson(count(graph, { convention }), 0),
  );
  return { reports, advice: advise(graph), notes: notesOf(graph) };
}

/** Checks that a graph that was written and read gives what the recorded one gives. */
function expectSame(graph: Graph): void {
  const told = toldOf(graph);
  const { json, text } = FORMS;
  expect(toldOf(text(graph))).to.deep.equal(told);
  const readFromJson = json(graph);
  expect(toldOf(readFromJson)).to.deep.equal(told);
  expect(recordingOf(readFromJson)).to.deep.equal(recordingOf(graph));
}

describe("a saved graph gives the report that its trace gave", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });

  for (const name of MODELS) {
    it(`of ${name}`, async () => {
      expectSame(await zooGraph(name));
    });
  }

  it("of a program that reads values and finds boxes, and advises the same", async () => {
    const program = async (x: tf.Tensor2D) => {
      const y = x.matMul(x).relu();
      const [first = 0] = await y.sum().data();
      const most = tf.topk(y.reshape([-1]).slice([0], [8]), 2);
      return first > 0 ? most.values : most.indices;
    };
    const graph = await trace(program, [tf.ones([40, 40])], { device });
    expect(recordingOf(graph)?.evaluated?.ops).to.be.greaterThan(0);
    const { advice, findings } = advise(graph);
    expect([...advice, ...findings].map(({ rule }) => rule)).to.include("read-back");
    expectSame(graph);
  });

  it("of complex numbers, strings and constants", async () => {
    const words = tf.tensor1d(["a", "b"]);
    const program = (x: tf.Tensor1D) => [
      tf.real(tf.ifft(tf.fft(tf.complex(x, x.mul(Number.NaN))))),
      tf.stack([words, words]),
    ];
    expectSame(await trace(program, [tf.ones([64])], { device }));
  });

  it("of a training step, and of scopes that are only called so", async () => {
    const layers = [tf.layers.dense({ inputShape: [3], units: 2 })];
    const input = tf.zeros([4, 3]);
    const training = await traceTraining(tf.sequential({ layers }), [input], { device });
    expect(count(training).training).to.not.equal(null);
    expectSame(training);
    const named = (x: tf.Tensor2D) =>
      tf.tidy("backward", () => tf.tidy("forward", () => x).matMul(x, true));
    expectSame(await trace(named, [input], { device }));
  });

  it("of a pass that was timed @linux", async () => {
    const software = await openDevice("software");
    const program = (x: tf.Tensor2D) => x.matMul(x).relu();
    const options = { device: software, time: { runs: 2, warmup: 1 } };
    const graph = await trace(program, [tf.ones([40, 40])], options);
    expect(count(graph).recorded?.times?.runs).to.equal(2);
    expectSame(graph);
  });

  it("of a device that refuses, by limits of the user's own", async () => {
    const small = await openDevice("virtual", {
      limits: {
        maxBufferSize: 1024,
        maxStorageBufferBindingSize: 1024,
        maxUniformBufferBindingSize: 65_536,
        maxStorageBuffersPerShaderStage: 8,
        maxComputeWorkgroupStorageSize: 16_384,
        maxComputeInvocationsPerWorkgroup: 256,
        maxComputeWorkgroupSizeX: 256,
        maxComputeWorkgroupSizeY: 256,
        maxComputeWorkgroupSizeZ: 64,
        maxComputeWorkgroupsPerDimension: 65_535,
      },
    });
    const graph = await trace((x: tf.Tensor) => x.add(1), [tf.zeros([2000])], { device: small });
    expect(count(graph).recorded?.refusals).to.not.deep.equal([]);
    expectSame(graph);
  });
});

describe("the recording of a saved graph", () => {
  let graph: Graph;
  before(async () => {
    const device = await openDevice("virtual");
    graph = await trace((x: tf.Tensor) => x.add(1).relu(), [tf.zeros([2000])], { device });
  });

  it("leaves sources of shaders out of the text form, which says so", () => {
    const text = print(graph);
    expect(text).to.include("# 2 WGSL sources left out here: the JSON form has them.");
    expect(text).to.not.include("@compute");
    expect(recordingOf(parse(text))?.shaders.size).to.equal(0);
    expect(recordingOf(FORMS.json(graph))?.shaders.size).to.equal(2);
  });

  it("may be absent, as in older files", () => {
    const { recording: _, notes: __, ...older } = toJson(graph);
    const read = fromJson(older);
    expect(recordingOf(read)).to.equal(undefined);
    expect(count(read).recorded).to.equal(null);
    const lines = print(graph).split("\n");
    const text = lines.filter((line) => !/^ {2}(recording|events|#)/.test(line)).join("\n");
    expect(print(parse(text))).to.equal(text);
    expect(count(parse(text)).totals).to.deep.equal(count(graph).totals);
  });

  it("is refused in a sentence where it is wrong", () => {
    const json = toJson(graph);
    const wrong = (recording: object) => () =>
      fromJson({ ...json, recording: { ...json.recording, ...recording } });
    expect(wrong({ reads: [99] })).to.throw("the recording names value 99, but the graph has only");
    expect(wrong({ events: [{ kind: "upload", bytes: 4, op: 7 }] })).to.throw("names op 7");
    expect(wrong({ events: [{ kind: "upload", bytes: -4 }] })).to.throw(
      "wrong at recording.events[0].bytes",
    );
    expect(wrong({ speed: 1 })).to.throw('unrecognized key: "speed"');
    const text = (from: RegExp | string, to: string) => () => parse(print(graph).replace(from, to));
    expect(text("reads=[]", "reads=[99]")).to.throw(ParseError, "names value 99");
    expect(text("reads=[]", "reads=7")).to.throw(ParseError, "wrong at reads");
    expect(text(/events \d+ \[/, "events 77 [")).to.throw(ParseError, "names op 77");
    expect(text(/events (\d+) \[\{/, "events $1 [7, {")).to.throw(ParseError, "wrong at events.");
    expect(text("  recording", "  recording {}\n  recording")).to.throw(ParseError, "given twice");
    expect(text("  recording", '  note "a" "b"\n  recording')).to.throw(ParseError, "end of line");
  });
});
