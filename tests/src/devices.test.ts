import { count, type DeviceReport, rooflineOf } from "@opcounter/counters";
import { type Graph, invocationsOf, recordingOf, sizeOf, valueAt } from "@opcounter/ir";
import {
  closeDevices,
  loadModel,
  openDevice,
  parseLimits,
  trace,
  withBackend,
} from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";

/** All that must not depend on the device. */
function ops(graph: Graph): unknown[] {
  return graph.ops.map(({ kernel, operands, attrs, results, scope, placement, dispatches }) => ({
    ...{ kernel, operands, attrs, scope, placement, dispatches },
    results: results.map((id) => graph.values[id]),
  }));
}

/** Its convolution is depthwise: SwiftShader takes a second to compile another one. */
function convolutionalModel(): tf.LayersModel {
  const inputShape = [24, 24, 3];
  return tf.sequential({
    layers: [
      tf.layers.depthwiseConv2d({ inputShape, depthMultiplier: 2, kernelSize: 3, name: "conv" }),
      tf.layers.maxPooling2d({ name: "pool" }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ units: 10, name: "fc", activation: "softmax" }),
    ],
  });
}

/** The class of compute passes of the software device. */
async function passPrototype(): Promise<GPUComputePassEncoder> {
  const { device } = (await openDevice("software")).backend;
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const prototype: GPUComputePassEncoder = Object.getPrototypeOf(pass);
  pass.end();
  encoder.finish();
  return prototype;
}

/** Counts dispatches by itself, at the pass's class, while something runs. */
async function countingDispatches(body: () => Promise<unknown>): Promise<number> {
  const prototype = await passPrototype();
  const { dispatchWorkgroups } = prototype;
  let dispatches = 0;
  prototype.dispatchWorkgroups = function (this: GPUComputePassEncoder, ...args) {
    dispatches++;
    return Reflect.apply(dispatchWorkgroups, this, args);
  };
  try {
    await body();
  } finally {
    prototype.dispatchWorkgroups = dispatchWorkgroups;
  }
  return dispatches;
}

/**
 * Runs something while the software device is given every command, but no workgroup to run, which
 * takes it seconds of a large model.
 */
async function withoutWorkgroups<T>(body: () => Promise<T>): Promise<T> {
  const prototype = await passPrototype();
  const { dispatchWorkgroups } = prototype;
  prototype.dispatchWorkgroups = function (this: GPUComputePassEncoder) {
    return dispatchWorkgroups.call(this, 0, 0, 0);
  };
  try {
    return await body();
  } finally {
    prototype.dispatchWorkgroups = dispatchWorkgroups;
  }
}

describe("the device layer", function () {
  this.timeout(120_000);
  before(async () => {
    await tf.setBackend("cpu");
    // Both devices are to compile the same.
    await closeDevices();
  });

  describe("records", () => {
    it("as many dispatches as the passes of a real device are given @linux", async () => {
      const model = convolutionalModel();
      let graph: Graph | undefined;
      const counted = await countingDispatches(async () => {
        graph = await trace(model, [tf.ones([2, 24, 24, 3])], { device: "software" });
      });
      expect(counted).to.be.greaterThan(3);
      expect(graph && count(graph).totals.dispatches).to.equal(counted);
    });

    it("what each dispatch launches, and on which buffers", async () => {
      const graph = await trace(convolutionalModel(), [tf.ones([1, 24, 24, 3])], {
        device: "virtual",
      });
      const { shaders } = recordingOf(graph) ?? { shaders: new Map<string, string>() };
      for (const op of graph.ops) {
        for (const dispatch of op.dispatches) {
          const output = Math.max(...op.results.map((id) => 4 * sizeOf(valueAt(graph, id).shape)));
          expect(dispatch.buffers?.[0], op.kernel).to.be.at.least(output > 64 ? 64 : 4);
          expect(dispatch.uniforms?.length).to.equal((dispatch.buffers?.at(-1) ?? 0) / 4);
          expect(shaders.get(dispatch.shader ?? "")).to.include("@workgroup_size");
          expect(invocationsOf(dispatch)).to.be.greaterThan(0);
        }
      }
      const pool = count(graph).ops.find(({ kernel }) => kernel === "MaxPool");
      // 11·11·6 outputs in workgroups of 128.
      expect(pool?.cost.invocations).to.equal(Math.ceil((11 * 11 * 6) / 128) * 128);
    });

    it("buffers, transfers and submits, each of an op or of the framework @linux", async () => {
      const model = convolutionalModel();
      const program = async (x: tf.Tensor) => {
        const y = model.predict(x) as tf.Tensor;
        await y.data();
        return tf.add(y, 1);
      };
      const graph = await trace(program, [tf.ones([1, 24, 24, 3])], { device: "software" });
      const report: DeviceReport | null = count(graph).recorded;
      // The image, two weights of each layer, and the 1; nothing else comes from the host.
      const elements = 24 * 24 * 3 + 54 + 6 + 726 * 10 + 10 + 1;
      expect(report?.uploads).to.deep.include({ count: 6, bytes: 4 * elements });
      expect(report?.readbacks).to.deep.equal({ count: 1, bytes: 40 });
      expect(report?.submits).to.equal(1);
      expect(report?.buffers.created.count).to.be.greaterThan(5);
      const { events = [] } = recordingOf(graph) ?? {};
      const uploader = events.find(({ kind }) => kind === "upload")?.op;
      expect(graph.ops[uploader ?? -1]?.kernel).to.match(/Conv2D|Slice/);
      expect(recordingOf(graph)?.reads).to.have.length(1);
    });

    for (const name of ["virtual", "software"] as const) {
      it(`buffers as made that earlier passes left, and leaves them, on ${name} @linux`, async () => {
        const device = await openDevice(name);
        await withBackend(device, async () => {
          const model = convolutionalModel();
          const image = tf.ones([1, 24, 24, 3]);
          const first = await trace(model, [image], { device });
          const { bufferManager, device: gpu } = device.backend;
          const held = () => [bufferManager.getNumFreeBuffers(), bufferManager.numBytesAllocated];
          const before = held();
          const own = Object.getOwnPropertyDescriptor(gpu, "createBuffer");
          const createBuffer = gpu.createBuffer.bind(gpu);
          let made = 0;
          Object.assign(gpu, {
            createBuffer: (descriptor: GPUBufferDescriptor) => {
              made++;
              return createBuffer(descriptor);
            },
          });
          const second = await trace(model, [image], { device });
          Reflect.deleteProperty(gpu, "createBuffer");
          if (own !== undefined) Object.defineProperty(gpu, "createBuffer", own);
          expect(held()).to.deep.equal(before);
          expect(made).to.equal(0);
          expect(count(second).recorded?.buffers).to.deep.equal(count(first).recorded?.buffers);
          tf.dispose([image]);
          model.dispose();
        });
      });
    }

    it("the same twice, and the same again after something else ran", async () => {
      const model = convolutionalModel();
      const image = tf.ones([1, 24, 24, 3]);
      const run = () => trace(model, [image], { device: "virtual" });
      const first = await run();
      await trace((x: tf.Tensor) => x.exp().sum(), [image], { device: "virtual" });
      const second = await run();
      expect(ops(second)).to.deep.equal(ops(first));
      expect(count(second).memory).to.deep.equal(count(first).memory);
    });
  });

  describe("gives on SwiftShader @linux the graph and the events of the virtual device, for", () => {
    /** Ops, and what else the device was made to do: buffers, pipelines, uploads, submits. */
    const whole = (graph: Graph) => {
      const { events, memory } = recordingOf(graph) ?? {};
      return { ops: ops(graph), events, memory };
    };
    // At 16, two of them take two programs less that take SwiftShader a second each to compile.
    const sizes: Readonly<Record<string, number>> = {
      squeezenet1_1: 48,
      mobilenet_v2: 16,
      shufflenet_v2_x0_5: 32,
      resnet18: 16,
      densenet121: 32,
      mnasnet0_5: 32,
    };
    const large = ["resnet18", "densenet121"];
    for (const [name, size] of Object.entries(sizes)) {
      it(`${name} at ${size}×${size}`, async () => {
        const model = ZOO[name]?.build(tf);
        if (model === undefined) throw new Error(`the zoo has no ${name}`);
        const image = tf.zeros([1, size, size, 3]);
        const virtual = await trace(model, [image], { device: "virtual" });
        const traced = () => trace(model, [image], { device: "software" });
        const software = large.includes(name) ? await withoutWorkgroups(traced) : await traced();
        expect(whole(software)).to.deep.equal(whole(virtual));
        model.dispose();
      });
    }

    it("esrgan-slim at 8×8", async () => {
      const path = "node_modules/@upscalerjs/esrgan-slim/models/x2/model.json";
      const model = await loadModel(path);
      const image = tf.zeros([1, 8, 8, 3]);
      const virtual = await trace(model, [image], { device: "virtual" });
      const software = await trace(model, [image], { device: "software" });
      expect(whole(software)).to.deep.equal(whole(virtual));
    });

    // tfjs fills a buffer that it reuses through another one.
    it("a program whose uploads reuse buffers", async () => {
      const program = (x: tf.Tensor) =>
        Array.from({ length: 40 }).reduce<tf.Tensor>((y, _, i) => tf.tidy(() => y.add(i)), x);
      const x = tf.ones([512, 4]);
      const virtual = await trace(program, [x], { device: "virtual" });
      const software = await trace(program, [x], { device: "software" });
      expect(whole(software)).to.deep.equal(whole(virtual));
      const { destroyed } = count(virtual).recorded?.buffers ?? {};
      expect(destroyed?.count).to.be.greaterThan(0);
    });
  });

  describe("takes time", () => {
    it("of every dispatch, within the wall time of the pass @linux", async () => {
      const model = convolutionalModel();
      const graph = await trace(model, [tf.ones([4, 24, 24, 3])], {
        device: "software",
        time: { runs: 5 },
      });
      const report = count(graph);
      const { times } = report.recorded ?? {};
      expect(times).to.include({ runs: 5, unmeasured: 0, clockStepNs: null });
      for (const { dispatches } of graph.ops) {
        for (const { gpuTime } of dispatches) {
          expect(gpuTime?.ns).to.be.greaterThan(0);
          expect(gpuTime?.low).to.be.at.most(gpuTime?.ns ?? 0);
          expect(gpuTime?.high).to.be.at.least(gpuTime?.ns ?? 0);
        }
      }
      const sum = report.ops.reduce((total, { cost }) => total + (cost.gpuTimeMs ?? 0), 0);
      expect(report.totals.gpuTimeMs).to.be.closeTo(sum, 1e-9);
      // Medians over the passes, each of which takes no longer than its wall time.
      expect(times?.gpuMs).to.be.within(0, times?.wallMs ?? 0);
      expect(report.ops.every(({ cpuTimeMs }) => cpuTimeMs !== null)).to.equal(true);
      const conv = report.byScope.find(({ scope }) => scope === "conv");
      expect(conv?.gpuTimeMs).to.be.greaterThan(0);
    });

    it("and leaves tfjs as it was, with the time kept through passes and roofline @linux", async () => {
      const model = convolutionalModel();
      const image = tf.ones([1, 24, 24, 3]);
      const before = tf.memory();
      const graph = await trace(model, [image], {
        device: "software",
        time: { runs: 2, warmup: 0 },
      });
      expect(tf.memory()).to.deep.equal(before);
      expect(tf.getBackend()).to.equal("cpu");
      const roofline = rooflineOf(count(graph), { name: "slow", flops: 1e9, bandwidth: 1e9 });
      expect(roofline.ridge).to.equal(1);
      const conv = roofline.ops.find(({ scope }) => scope === "conv");
      expect(conv).to.include({ bound: "compute" });
      expect(conv?.leastMs).to.be.closeTo((conv?.flops ?? 0) / 1e6, 1e-9);
      expect(conv?.share).to.be.closeTo((conv?.leastMs ?? 0) / (conv?.measuredMs ?? 1), 1e-9);
      const lost = roofline.slowest.map(({ lostMs }) => lostMs ?? 0);
      expect(lost).to.deep.equal(lost.toSorted((a, b) => b - a));
    });

    it("but not of a program that runs other kernels each time, nor where nothing is computed @linux", async () => {
      let runs = 0;
      const fickle = (x: tf.Tensor) => (runs++ % 2 === 0 ? x.relu() : x.exp().neg());
      const refusal = (device: "virtual" | "software") =>
        trace(fickle, [tf.zeros([2000])], { device, time: { runs: 2 } }).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await refusal("software")).to.include("does not run the same kernels each time");
      expect(await refusal("virtual")).to.include("computes nothing");
      expect(tf.getBackend()).to.equal("cpu");
    });
  });

  describe("tells what a device with limits would refuse", () => {
    const wide = (x: tf.Tensor2D) => tf.matMul(x, tf.variable(tf.zeros([1000, 40_000])));

    it("by op, limit and size", async () => {
      const device = await openDevice("virtual", { limits: parseLimits("default") });
      const graph = await trace(wide, [tf.zeros([1, 1000])], { device });
      const { recorded } = count(graph);
      expect(recorded?.refusals).to.deep.equal([
        {
          op: 0,
          kernel: "BatchMatMul",
          scope: "",
          limit: "maxStorageBufferBindingSize",
          value: 160_000_000,
          allowed: 134_217_728,
        },
      ]);
      const generous = await openDevice("virtual");
      const free = await trace(wide, [tf.zeros([1, 1000])], { device: generous });
      expect(count(free).recorded?.refusals).to.deep.equal([]);
    });

    it("with limits of one's own", async () => {
      const limits = parseLimits("maxBufferSize=1KiB, maxComputeInvocationsPerWorkgroup=32");
      const device = await openDevice("virtual", { limits });
      const graph = await trace((x: tf.Tensor) => x.relu(), [tf.zeros([2000])], { device });
      const refused = count(graph).recorded?.refusals.map(({ limit, value }) => [limit, value]);
      expect(refused).to.deep.include.members([
        ["maxBufferSize", 8000],
        ["maxComputeInvocationsPerWorkgroup", 128],
      ]);
      expect(() => parseLimits("maxBuffer=1")).to.throw("maxBufferSize");
      expect(() => parseLimits("maxBufferSize=1 apple")).to.throw("apple");
    });
  });
});
