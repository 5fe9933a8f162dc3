import { type Graph, notesOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { changes, snapshot } from "../testing/snapshot.ts";
import { type Target, type TraceOptions, trace } from "./index.ts";

/** What goes wrong in mid-pass, and what the trace rejects with. */
interface Fault {
  readonly program: (user: UserObjects, abort: AbortController) => Target;
  readonly says: RegExp;
  readonly code?: string;
  readonly options?: TraceOptions;
  readonly device?: "virtual" | "software";
}

/** What a user has before: tensors, a variable, a stateful model. */
function userObjects() {
  const rnn = tf.sequential({
    layers: [tf.layers.lstm({ units: 2, batchInputShape: [1, 3, 2], stateful: true })],
  });
  const sequence = tf.ones([1, 3, 2]);
  (rnn.predict(sequence) as tf.Tensor).dispose();
  return {
    x: tf.range(0, 2000),
    complex: tf.complex(tf.ones([2]), tf.zeros([2])),
    variable: tf.variable(tf.range(0, 3)),
    rnn,
    sequence,
  };
}
type UserObjects = ReturnType<typeof userObjects>;

const never = () => new Promise<never>(() => {});
const pause = (ms = 1) => new Promise((done) => setTimeout(done, ms));

const FAULTS: Readonly<Record<string, Fault>> = {
  "a program that throws": {
    program: () => (x: tf.Tensor) => {
      x.add(1);
      throw new Error("mine");
    },
    says: /^mine$/,
  },
  "a promise that rejects": {
    program: () => async (x: tf.Tensor) => {
      x.add(1);
      await pause();
      throw new Error("mine");
    },
    says: /^mine$/,
  },
  "a promise that is never settled, until the time is over": {
    program: () => async (x: tf.Tensor) => {
      x.add(1);
      await never();
    },
    options: { timeout: 0.05 },
    says: /^The program was not done after 0.05 s; give it longer, or settle the promise/,
    code: "program-timeout",
  },
  "a program that goes on after the time is over": {
    program: () => async (x: tf.Tensor) => {
      for (;;) {
        x.add(1).dispose();
        await pause(10);
      }
    },
    options: { timeout: 0.05 },
    says: /^The program was not done after 0.05 s/,
    code: "program-timeout",
  },
  "a program that never pauses, until the time is over": {
    program: () => async (x: tf.Tensor) => {
      await x.data();
      for (;;) {
        x.add(1).dispose();
        await undefined;
      }
    },
    options: { timeout: 0.05 },
    says: /^The program was not done after 0.05 s/,
    code: "program-timeout",
  },
  "a program that goes on reading after the time is over": {
    program: () => async (x: tf.Tensor) => {
      for (;;) {
        await x.add(1).data();
        await pause(0);
      }
    },
    options: { timeout: 0.05 },
    says: /^The program was not done after 0.05 s/,
    code: "program-timeout",
  },
  "an abort while it waits": {
    program: (_, abort) => async (x: tf.Tensor) => {
      x.add(1);
      setTimeout(() => abort.abort());
      await never();
    },
    says: /aborted/,
  },
  "an abort between two kernels": {
    program: (_, abort) => (x: tf.Tensor) => {
      const y = x.add(1);
      abort.abort(new Error("enough"));
      return y.mul(2);
    },
    says: /^enough$/,
  },
  "an abort that the program catches": {
    program: (_, abort) => (x: tf.Tensor) => {
      abort.abort(new Error("enough"));
      try {
        return x.mul(2);
      } catch {
        return x;
      }
    },
    says: /^enough$/,
  },
  "progress that throws": {
    program: () => (x: tf.Tensor) => x.add(1),
    options: {
      onProgress: () => {
        throw new Error("no progress");
      },
    },
    says: /^no progress$/,
  },
  "a kernel that throws": {
    program: () => (x: tf.Tensor) => {
      x.add(1);
      return tf.engine().runKernel("Reshape", { x }, { shape: [7] });
    },
    says: /7/,
  },
  "a kernel that is none": {
    program: () => () => tf.engine().runKernel("Nothing", {}),
    says: /Nothing/,
  },
  "a layer that throws": {
    program:
      ({ rnn }) =>
      () =>
        rnn.predict(tf.ones([1, 5, 7])),
    says: /shape|Shape/,
  },
  "a gradient that throws": {
    program:
      ({ variable }) =>
      () =>
        tf.variableGrads(() => {
          variable.mul(2);
          throw new Error("mine");
        }),
    says: /^mine$/,
  },
  "memory that is not there": {
    program: () => (x: tf.Tensor) => {
      x.add(1);
      return tf.tensor(new Float32Array(2 ** 53));
    },
    says: /array length/i,
  },
  "a device that is lost": {
    program: () => async (x: tf.Tensor) => {
      x.add(1);
      Reflect.get(tf.backend(), "device").destroy();
      await never();
    },
    device: "software",
    says: /^The device was lost: .*; try again, or use \{ device: "virtual" \}/,
    code: "device-lost",
  },
  "another backend": {
    program: () => async (x: tf.Tensor) => {
      x.add(1);
      await tf.setBackend("cpu");
      return x.add(1);
    },
    says: /switched TensorFlow.js to the backend "cpu"/,
    code: "program-unsupported",
  },
  "a backend that is removed: the user's": {
    program: () => (x: tf.Tensor) => {
      x.add(1);
      tf.removeBackend("cpu");
      return x.add(1);
    },
    says: /^The traced program removes the backend "cpu"/,
    code: "program-unsupported",
  },
  "a backend that is removed: the one that is traced": {
    program: () => (x: tf.Tensor) => {
      tf.removeBackend("webgpu");
      return x.add(1);
    },
    says: /^The traced program removes the backend "webgpu"/,
    code: "program-unsupported",
  },
  "a backend of its own, registered and removed": {
    program: () => () => {
      tf.registerBackend("mine", () => tf.backend());
      tf.removeBackend("mine");
      throw new Error("mine");
    },
    says: /^mine$/,
  },
  "flags that it sets": {
    program: () => () => {
      tf.env().set("WEBGPU_CPU_FORWARD", false);
      tf.env().set("DEBUG", true);
      throw new Error("mine");
    },
    says: /^mine$/,
  },
  "variables, states and scopes that it changes": {
    program:
      ({ variable, rnn, sequence }) =>
      () => {
        tf.engine().startScope("open");
        variable.assign(tf.zeros([3]));
        rnn.predict(sequence);
        throw new Error("mine");
      },
    says: /^mine$/,
  },
  "states that are reset before a layer's first call": {
    program:
      ({ rnn, sequence }) =>
      () => {
        rnn.resetStates();
        rnn.predict(sequence);
        throw new Error("mine");
      },
    says: /^mine$/,
  },
  "a layer's own states, reset": {
    program:
      ({ rnn }) =>
      () => {
        for (const layer of rnn.layers) layer.resetStates();
        throw new Error("mine");
      },
    says: /^mine$/,
  },
};

/** How often each fault is tried: `FAULT_TIMES=50 npm test -- packages/tracer/src/faults.test.ts`. */
const TIMES = Number(process.env["FAULT_TIMES"] ?? 1);

describe("after a fault in mid-pass all is as it was:", function () {
  this.timeout(60_000 * TIMES);
  let user: UserObjects;

  before(async () => {
    await tf.setBackend("cpu");
    user = userObjects();
  });

  const owned = () => [
    user.x,
    user.complex,
    user.variable,
    user.sequence,
    ...user.rnn.getWeights(),
    ...Reflect.get(user.rnn.layers[0] ?? {}, "states_"),
  ];

  for (const [name, fault] of Object.entries(FAULTS)) {
    const { device = "virtual", options = {}, says, code } = fault;
    const tryOnce = async () => {
      // What the first trace loads and opens stays by design.
      const sound = () => trace((x: tf.Tensor) => x.square(), [user.x], { device });
      const expected = await sound();
      const before = snapshot(owned());
      const abort = new AbortController();
      const error: unknown = await trace(fault.program(user, abort), [user.x], {
        device,
        signal: abort.signal,
        ...options,
      }).catch((thrown) => thrown);
      expect(error).to.have.property("message").that.matches(says);
      if (code !== undefined) expect(error).to.have.property("code", code);
      expect(changes(before, snapshot(owned()))).to.deep.equal([]);
      // A later trace is neither blocked nor changed by what is left of this one.
      expect((await sound()).ops).to.deep.equal(expected.ops);
      await pause(60);
      expect(changes(before, snapshot(owned()))).to.deep.equal([]);
    };
    it(`${name}${device === "software" ? " @linux" : ""}`, async () => {
      for (let time = 0; time < TIMES; time++) await tryOnce();
    });
  }

  const refusals: Readonly<Record<string, [request: () => Promise<unknown>, says: RegExp]>> = {
    "no adapter": [async () => null, /^No WebGPU adapter answers for device "gpu"/],
    "an adapter that is refused": [
      () => Promise.reject(new Error("blocked.")),
      /^Device "gpu" cannot be opened: blocked; use \{ device: "virtual" \}/,
    ],
    "an adapter that never answers, until the time is over": [never, /was not done after 0.05 s/],
    "a device that is refused": [
      async () => ({
        ...{ features: new Set(), limits: {}, info: {} },
        requestDevice: () => Promise.reject(new Error("lost")),
      }),
      /^Device "gpu" cannot be opened: lost; use/,
    ],
  };
  for (const [name, [requestAdapter, says]] of Object.entries(refusals)) {
    it(name, async () => {
      await trace((x: tf.Tensor) => x.square(), [user.x]);
      const before = snapshot(owned());
      const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
      const value = { gpu: { requestAdapter } };
      Object.defineProperty(globalThis, "navigator", { value, configurable: true });
      const timeout = requestAdapter === never ? 0.05 : 60;
      const options = { device: "gpu", timeout } as const;
      const error: unknown = await trace((x: tf.Tensor) => x.square(), [user.x], options).catch(
        (thrown) => thrown,
      );
      Reflect.deleteProperty(globalThis, "navigator");
      if (navigator !== undefined) Object.defineProperty(globalThis, "navigator", navigator);
      expect(error).to.have.property("message").that.matches(says);
      expect(changes(before, snapshot(owned()))).to.deep.equal([]);
    });
  }

  it("is told where the GPU has not the memory, and the trace is whole @linux", async () => {
    const tile = (x: tf.Tensor) => x.reshape([2000, 1, 1]).tile([1, 2000, 2000]).sum();
    const traceOn = (device: "virtual" | "software") => trace(tile, [user.x], { device });
    await traceOn("software");
    const before = snapshot(owned());
    const graph = await traceOn("software");
    expect(changes(before, snapshot(owned()))).to.deep.equal([]);
    expect(notesOf(graph)).to.have.length(1);
    expect(notesOf(graph)[0]).to.match(
      /^The GPU refused a command, .*: Buffer size \(32000000000\)/,
    );
    const kernels = ({ ops }: Graph) => ops.map(({ kernel }) => kernel);
    expect(kernels(graph)).to.deep.equal(kernels(await traceOn("virtual")));
  });

  it("tells how far it is, run by run, and ends there @linux", async () => {
    const steps: string[] = [];
    const controller = new AbortController();
    const error: unknown = await trace((x: tf.Tensor) => x.square().add(1), [user.x], {
      device: "software",
      time: { runs: 5, warmup: 0 },
      signal: controller.signal,
      onProgress: ({ step, done, total }) => {
        steps.push(`${step} ${done}/${total}`);
        if (step === "time" && done === 2) controller.abort(new Error("enough"));
      },
    }).catch((thrown) => thrown);
    expect(error).to.have.property("message", "enough");
    expect(steps).to.deep.equal([
      ...["run 0/undefined", "run 1/undefined"],
      ...["time 1/5", "time 2/5"],
    ]);
  });

  it("takes no timeout that is none", async () => {
    for (const timeout of [0, -1, Number.NaN, 3e6]) {
      const error: unknown = await trace(() => user.x.square(), [], { timeout }).catch((e) => e);
      expect(error)
        .to.have.property("message")
        .that.matches(/^The timeout is .*; it is a number/);
    }
  });
});

/** docs/reliability.md lists what stays by design. */
describe("after a pass there stays by design", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("an input that the program disposes of: it is gone", async () => {
    const x = tf.ones([3]);
    const graph = await trace(
      (given: tf.Tensor) => {
        const y = given.add(1);
        given.dispose();
        return y;
      },
      [x],
    );
    expect(graph.ops).to.have.length(1);
    expect(x.isDisposed).to.equal(true);
  });

  it("a backend that the program registers, which is not the active one", async () => {
    await trace(() => {
      tf.registerBackend("mine", () => tf.backend());
      return tf.ones([2]).add(1);
    });
    expect(tf.engine().registryFactory).to.have.property("mine");
    expect(tf.getBackend()).to.equal("cpu");
    tf.removeBackend("mine");
  });

  it("a variable that the program makes, with its first value, and a tensor that it keeps", async () => {
    const made: tf.Tensor[] = [];
    await trace(() => {
      const variable = tf.variable(tf.ones([2]));
      variable.assign(tf.zeros([2]));
      made.push(variable, tf.keep(tf.ones([2]).add(1)));
      return variable.add(1);
    });
    expect(made.map((tensor) => Array.from(tensor.dataSync()))).to.deep.equal([
      ...[
        [1, 1],
        [2, 2],
      ],
    ]);
    tf.dispose(made);
  });
});
