import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { exactTypes } from "./exact-storage.ts";

const floats = (...values: number[]) => exactTypes("float32", new Float32Array(values));

/** What TensorFlow.js makes of stored bytes. */
function restored(
  bytes: ArrayBuffer,
  quantization: NonNullable<tf.io.WeightsManifestEntry["quantization"]>,
) {
  const length = bytes.byteLength / (quantization.dtype === "uint8" ? 1 : 2);
  const spec = { name: "w", shape: [length], dtype: "float32" as const, quantization };
  return Float32Array.from(tf.io.decodeWeights(bytes, [spec])["w"]?.dataSync() ?? []);
}

describe("the types that hold values exactly", () => {
  it("are float16 for every finite value that TensorFlow.js makes of 16 bits, and no other", () => {
    const all = restored(Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).buffer, {
      dtype: "float16",
    });
    const finite = all.filter((value) => Number.isFinite(value));
    expect(finite.length).to.equal(2 ** 16 - 2 ** 11);
    expect(exactTypes("float32", finite)).to.include("float16");
    const exact = new Set(finite);
    const bits = new Uint32Array(finite.buffer.slice(0));
    for (const [i, value] of new Float32Array(bits.buffer).entries()) {
      // The next float of 32 bits is none of 16.
      bits[i] = (bits[i] ?? 0) + 1;
      const next = new Float32Array(bits.buffer, 4 * i, 1);
      expect(exact.has(next[0] ?? 0), `after ${value}`).to.equal(false);
      expect(exactTypes("float32", next), `after ${value}`).not.to.include("float16");
    }
    expect(floats(65_520)).not.to.include("float16");
  });

  it("are integers for what their steps give again, in TensorFlow.js too", () => {
    for (const [dtype, most] of [
      ["uint8", 255],
      ["uint16", 65_535],
    ] as const) {
      const steps = Array.from({ length: most + 1 }, (_, i) => i);
      const bytes = (dtype === "uint8" ? Uint8Array : Uint16Array).from(steps).buffer;
      for (const [scale, min] of [
        [0.25, -32],
        [1 / 3, 7],
      ] as const) {
        const values = restored(bytes, { dtype, scale, min });
        expect(exactTypes("float32", values), `${dtype} from ${min}`).to.include(dtype);
        values[5] = (values[5] ?? 0) + scale / 8;
        expect(exactTypes("float32", values)).not.to.include(dtype);
      }
    }
  });

  it("are all of them for one value, for integers those of integers, and none for others", () => {
    expect(floats(1, 1)).to.deep.equal(["uint8", "float16", "uint16"]);
    expect(exactTypes("int32", new Int32Array([0, 3, 255]))).to.deep.equal(["uint8", "uint16"]);
    expect(exactTypes("int32", new Int32Array([0, 1, 10 ** 6]))).to.deep.equal([]);
    expect(floats(1, Number.NaN)).to.deep.equal([]);
    expect(floats(0.1, Math.PI, 3)).to.deep.equal([]);
    expect(floats()).to.deep.equal([]);
    expect(exactTypes("bool", new Uint8Array([1]))).to.deep.equal([]);
  });
});
