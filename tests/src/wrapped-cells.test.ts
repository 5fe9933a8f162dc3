import { CONVENTION_NAMES, count, findConvention, readConvention } from "@opcounter/counters";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphOf } from "./counted-target.ts";

describe("a layer that wraps cells", () => {
  // Zeros: the default initializer decomposes matrices, which takes seconds.
  const zeros = { kernelInitializer: "zeros", recurrentInitializer: "zeros" } as const;
  const inputShape = [5, 16];
  const sizes = { units: 32, ...zeros };
  const sequence = (...layers: tf.layers.Layer[]) => tf.sequential({ layers });
  const wrapped = (cell: tf.RNN["cell"] | tf.RNN["cell"][]) =>
    sequence(tf.layers.rnn({ cell, inputShape, returnSequences: true }));
  const whole = { ...sizes, inputShape, returnSequences: true };
  const PAIRS = {
    "an LSTM cell": [
      () => wrapped(tf.layers.lstmCell(sizes)),
      () => sequence(tf.layers.lstm(whole)),
    ],
    "a GRU cell without bias": [
      () => wrapped(tf.layers.gruCell({ ...sizes, useBias: false })),
      () => sequence(tf.layers.gru({ ...whole, useBias: false })),
    ],
    "a simple cell": [
      () => wrapped(tf.layers.simpleRNNCell(sizes)),
      () => sequence(tf.layers.simpleRNN(whole)),
    ],
    "a stack of cells": [
      () => wrapped([tf.layers.lstmCell(sizes), tf.layers.gruCell({ ...sizes, units: 24 })]),
      () =>
        sequence(
          tf.layers.lstm(whole),
          tf.layers.gru({ ...sizes, units: 24, returnSequences: true }),
        ),
    ],
  } as const;

  /** The conventions that have a figure for an LSTM layer as a whole. */
  const LAYERWISE = CONVENTION_NAMES.map((name) => findConvention(name)).filter(({ costs }) =>
    Object.values(costs).some(({ layers }) => layers.has("LSTM")),
  );

  for (const [name, [wrapper, layers]] of Object.entries(PAIRS)) {
    it(`counts ${name} as the layers that have it, wherever layers count whole`, async () => {
      const [of, against] = [
        await graphOf(wrapper(), [[2, 5, 16]]),
        await graphOf(layers(), [[2, 5, 16]]),
      ];
      for (const convention of LAYERWISE) {
        const [a, b] = [count(of, { convention }), count(against, { convention })];
        expect([a.macs, a.flops], convention.name).to.deep.equal([b.macs, b.flops]);
        // fvcore and thop of 2019 know no recurrent layer; the others count something.
        const isNothing = /^(fvcore|thop@2019-..)$/.test(convention.name);
        expect((a.flops ?? a.macs) === 0, convention.name).to.equal(isNothing);
      }
    });
  }

  it("counts by a convention's own text for RNN, where it has one", async () => {
    const own = readConvention({
      name: "own@1",
      description: "",
      unit: "macs",
      kernels: {},
      layers: { RNN: "R * H", LSTM: "R" },
    });
    const graph = await graphOf(wrapped(tf.layers.lstmCell(sizes)), [[2, 5, 16]]);
    expect(count(graph, { convention: own }).macs).to.equal(10 * 32);
  });

  it("counts a cell of the user's own by its ops", async () => {
    class Doubling extends tf.layers.Layer {
      static className = "Doubling";
      readonly stateSize = 16;
      override build(): void {
        this.addWeight("kernel", [16, 16], "float32", tf.initializers.zeros());
        this.built = true;
      }
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
        const [x] = [inputs].flat();
        if (x === undefined) throw new Error("no input");
        const y = tf.matMul(x, tf.zeros([16, 16]));
        return [y, y];
      }
    }
    // Sound: of a cell, RNN uses what a layer has, and the size of its state.
    const cell = new Doubling({}) as tf.layers.Layer as tf.RNN["cell"];
    const graph = await graphOf(wrapped(cell), [[2, 5, 16]]);
    expect(count(graph, { convention: "ptflops" }).macs).to.equal(10 * 16 * 16);
  });
});
