import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { decodeImage, resizeImage } from "../../packages/cli/src/target/image.ts";
import { readInputFile } from "../../packages/cli/src/target/input-file.ts";
import { parseInputOption } from "../../packages/cli/src/target/input-option.ts";
import { readNpy } from "../../packages/cli/src/target/npy.ts";
import { modelFiles, opcounter, temporaryFolder } from "./command-line.ts";

/** Tells on stderr of each tensor it gets, as JSON. */
const WITNESS = `export default (tf) => (...tensors) => {
  for (const x of tensors) {
    console.error(JSON.stringify({ dtype: x.dtype, shape: x.shape, values: [...x.dataSync()] }));
  }
  return tensors[0].add(1);
};`;

interface Witnessed {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A PNG of the given RGBA values. */
function png(width: number, height: number, rgba: readonly number[]): Buffer {
  const image = new PNG({ width, height });
  image.data.set(rgba);
  return PNG.sync.write(image);
}

interface NpyParts {
  readonly descr: string;
  readonly shape: string;
  readonly data: Uint8Array;
  readonly version?: number;
  readonly order?: "True" | "False";
}

/** A .npy file as NumPy writes it. */
function npy({ descr, shape, data, version = 1, order = "False" }: NpyParts): Buffer {
  const lengthBytes = version === 1 ? 2 : 4;
  const dictionary = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const padding = 64 - ((8 + lengthBytes + dictionary.length + 1) % 64);
  const header = `${dictionary}${" ".repeat(padding)}\n`;
  const start = Buffer.alloc(8 + lengthBytes);
  start.write("\u0093NUMPY", "latin1");
  start[6] = version;
  start.writeUIntLE(header.length, 8, lengthBytes);
  return Buffer.concat([start, Buffer.from(header, "latin1"), data]);
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const FLOATS = npy({
  descr: "'<f4'",
  shape: "(2, 2)",
  data: bytesOf(Float32Array.of(1, -2, 0.5, 4)),
});

describe("inputs", () => {
  const folder = temporaryFolder();

  const run = (args: readonly string[], target = "witness.mjs") =>
    opcounter(["profile", target, "--device", "virtual", ...args], folder.path);
  /** The tensors that a module got. */
  const witness = (...inputs: readonly string[]): Witnessed[] => {
    const { status, stderr } = run(inputs.flatMap((input) => ["--input", input]));
    expect(status, stderr).to.equal(0);
    return stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  /** The one sentence of a run that ended with status 2. */
  const complaint = (input: string, target?: string): string => {
    const { status, stdout, stderr } = run(["--input", input], target);
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr.trim().split("\n")).to.have.length(1);
    expect(stderr).to.not.include("internal error");
    return stderr.trim().replace("opcounter: ", "");
  };

  before(async () => {
    await tf.setBackend("cpu");
    folder.write("witness.mjs", WITNESS);
    folder.write("small.png", png(2, 1, [255, 0, 0, 255, 10, 20, 30, 0]));
    folder.write("floats.npy", FLOATS);
    const layers = [
      tf.layers.conv2d({ name: "conv", inputShape: [8, 6, 3], filters: 2, kernelSize: 3 }),
    ];
    const model = await modelFiles(tf.sequential({ layers }));
    folder.write("model.json", model.json);
    folder.write("weights.bin", model.bin);
  });
  after(folder.remove);

  describe("from images", () => {
    it("are pixels from 0 to 255, alpha left out", () => {
      const values = [255, 0, 0, 10, 20, 30];
      const expected = { shape: [1, 1, 2, 3], values };
      expect(witness("x=@small.png", "y=@small.png:i32")).to.deep.equal([
        { dtype: "float32", ...expected },
        { dtype: "int32", ...expected },
      ]);
    });

    it("are read from JPEG files, whatever their name", () => {
      const data = Buffer.alloc(16 * 8 * 4, 200);
      folder.write("photo", jpeg.encode({ width: 16, height: 8, data }, 100).data);
      const [image] = witness("@photo");
      expect(image?.shape).to.deep.equal([1, 8, 16, 3]);
      for (const value of image?.values ?? []) expect(value).to.be.within(198, 202);
    });

    it("have the dtype, and on request the height and width, that the model takes", () => {
      const { status, stdout } = run(["--input", "@small.png:resize"], "model.json");
      expect(status).to.equal(0);
      expect(stdout).to.include("f32[1,8,6,3]");
      expect(run(["--input", "@small.png:resize"], "resnet18").stdout).to.include("[1,224,224,3]");
      expect(run(["--input", "@small.png:64x32"], "resnet18").stdout).to.include("[1,64,32,3]");
    });

    it("are grey, or have alpha, where the model takes 1 or 4 channels", () => {
      const read = (channels: number) =>
        readInputFile(
          { name: undefined, dtype: undefined, path: join(folder.path, "small.png") },
          {
            spec: { name: "x", dtype: "int32", shape: [null, null, null, channels] },
            usualShape: undefined,
          },
        );
      expect(read(1).values).to.deep.equal(Int32Array.of(76, 18));
      expect(read(4).values).to.deep.equal(Int32Array.of(255, 0, 0, 255, 10, 20, 30, 0));
    });

    it("are resized as tf.image.resizeBilinear does", () => {
      const size = fc.integer({ min: 1, max: 9 });
      fc.assert(
        fc.property(size, size, size, size, (height, width, newHeight, newWidth) => {
          const values = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 97) % 256);
          const resized = resizeImage(
            { height, width, channels: 3, values },
            { height: newHeight, width: newWidth },
          );
          const expected = tf.tidy(() =>
            tf.image
              .resizeBilinear(
                tf.tensor4d(values, [1, height, width, 3]),
                [newHeight, newWidth],
                false,
                true,
              )
              .dataSync(),
          );
          expected.forEach((value, i) => {
            expect(resized.values[i]).to.be.closeTo(value, 0.501);
          });
        }),
        { numRuns: 50 },
      );
    });

    it("say what to do where they do not fit", () => {
      expect(complaint("@small.png", "model.json")).to.equal(
        "The model's input is conv_input: f32[?,8,6,3], and small.png is an image of f32[1,1,2,3]; resize it: @small.png:resize.",
      );
      expect(complaint("@small.png:resize")).to.include("@small.png:224x224");
      expect(complaint("@small.png:99999x99999")).to.include("make it smaller");
      expect(complaint("@missing.png")).to.equal("There is no file missing.png.");
      expect(complaint("@.")).to.include("cannot be read");
      expect(complaint("@witness.mjs")).to.include("neither a PNG, a JPEG nor a .npy file");
      expect(complaint("@small.png:bool")).to.include("a bool is 0 or 1");
      folder.write("cut.png", png(9, 9, []).subarray(0, 60));
      expect(complaint("@cut.png")).to.include("damaged or cut short");
      const symbolic = run(["--input", "@small.png", "--symbolic", "batch"], "resnet18");
      expect(symbolic.status).to.equal(2);
      expect(symbolic.stderr).to.include("give its shape instead");
    });
  });

  describe("from .npy files", () => {
    const cases: Readonly<Record<string, [ArrayBufferView, dtype: string, values: number[]]>> = {
      "'<f4'": [Float32Array.of(1.5, -2), "float32", [1.5, -2]],
      "'<f8'": [Float64Array.of(0.1, 1e10), "float32", [Math.fround(0.1), 1e10]],
      "'<i4'": [Int32Array.of(-7, 2 ** 31 - 1), "int32", [-7, 2 ** 31 - 1]],
      "'<i8'": [BigInt64Array.of(-(2n ** 31n), 30_521n), "int32", [-(2 ** 31), 30_521]],
      "'|u1'": [Uint8Array.of(0, 255), "int32", [0, 255]],
      "'|b1'": [Uint8Array.of(1, 0), "bool", [1, 0]],
    };
    for (const [descr, [data, dtype, values]] of Object.entries(cases)) {
      it(`of ${descr} become ${dtype}`, () => {
        for (const version of [1, 2]) {
          folder.write("x.npy", npy({ descr, shape: "(2, 1)", data: bytesOf(data), version }));
          expect(witness("x=@x.npy")).to.deep.equal([{ dtype, shape: [2, 1], values }]);
        }
      });
    }

    it("may be scalars or vectors, and get the dtype asked for", () => {
      const data = bytesOf(Float64Array.of(3));
      folder.write("scalar.npy", npy({ descr: "'<f8'", shape: "()", data }));
      folder.write("vector.npy", npy({ descr: "'<f8'", shape: "(1,)", data }));
      expect(witness("@scalar.npy", "@vector.npy:i32", "@vector.npy:f32")).to.deep.equal([
        { dtype: "float32", shape: [], values: [3] },
        { dtype: "int32", shape: [1], values: [3] },
        { dtype: "float32", shape: [1], values: [3] },
      ]);
    });

    it("say what is wrong with them", () => {
      const data = Buffer.alloc(16);
      const wrong = (parts: Partial<NpyParts>, suffix = "") => {
        folder.write("bad.npy", npy({ descr: "'<f4'", shape: "(2, 2)", data, ...parts }));
        return complaint(`x=@bad.npy${suffix}`);
      };
      expect(wrong({ descr: "'>f4'" })).to.include("big-endian");
      expect(wrong({ descr: "'<f2'" })).to.include("elements of type <f2");
      expect(wrong({ descr: "[('a', '<f4')]" })).to.include("records");
      expect(wrong({ order: "True" })).to.include("Fortran order");
      expect(wrong({ version: 3 })).to.include("version 3");
      expect(wrong({ shape: "?" })).to.include("no Python dictionary");
      expect(wrong({ shape: "(9999999999, 9999999999)" })).to.include("damaged");
      expect(wrong({ data: Buffer.alloc(15) })).to.include("in 16 bytes, and 15 follow");
      expect(wrong({ data: bytesOf(Float32Array.of(0, 1, 0.5, 0)) }, ":i32")).to.equal(
        "bad.npy holds 0.5 at index 2, which is no int32; use f32.",
      );
      const large = bytesOf(BigInt64Array.of(2n ** 31n));
      expect(wrong({ descr: "'<i8'", shape: "(1,)", data: large })).to.include("2147483648");
      const huge = bytesOf(Float64Array.of(1, -1e300));
      expect(wrong({ descr: "'<f8'", shape: "(2,)", data: huge })).to.equal(
        "bad.npy holds -1e+300 at index 1, which is past the range of float32.",
      );
      expect(complaint("@floats.npy", "model.json")).to.equal(
        "The model's input is conv_input: f32[?,8,6,3], and floats.npy holds f32[2,2].",
      );
      expect(complaint("x=@floats.npy:resize")).to.include("not an image");
    });
  });

  describe("from ranges", () => {
    it("lie in their range, are of their dtype, and are the same each time", () => {
      const inputs = ["a=2x300:i32:-3..3", "b=200:f32:-0.5..0.25", "c=50:bool:0..1", "d=9:7..7"];
      const tensors = witness(...inputs);
      const [whole, floats, bools, constant] = tensors.map(({ values }) => values);
      expect(new Set(whole)).to.deep.equal(new Set([-3, -2, -1, 0, 1, 2, 3]));
      expect(Math.min(...(floats ?? []))).to.be.within(-0.5, -0.4);
      expect(Math.max(...(floats ?? []))).to.be.within(0.15, 0.25);
      expect(new Set(bools)).to.deep.equal(new Set([0, 1]));
      expect(new Set(constant)).to.deep.equal(new Set([7]));
      expect(tensors.map(({ dtype }) => dtype)).to.deep.equal([
        "int32",
        "float32",
        "bool",
        "float32",
      ]);
      expect(witness(...inputs)).to.deep.equal(tensors);
    });

    it("differ from input to input, and are zeros without a range", () => {
      const [a, b, c] = witness("a=64:f32:0..1", "b=64:f32:0..1", "c=4:i32");
      expect(a?.values).to.not.deep.equal(b?.values);
      expect(c?.values).to.deep.equal([0, 0, 0, 0]);
    });

    it("say what is wrong with them", () => {
      expect(complaint("x=4:i32:0.5..3")).to.include("no range of 32-bit integers");
      expect(complaint("x=4:i32:0..3000000000")).to.include("no range of 32-bit integers");
      expect(complaint("x=4:5..3")).to.include("write the least, then the most");
      expect(complaint("x=4:string:0..3")).to.include("cannot be string");
      expect(complaint("x=4:f31:0..3")).to.include("dtype f31");
      expect(complaint("x=4:0..")).to.include("cannot be read");
      expect(complaint("x=99999999x99999999:f32:0..1")).to.include("more than memory holds");
    });
  });

  it("of a module are in the same syntax, files beside it, and --input overrides one by name", () => {
    const module = `export const inputs = ["image=@small.png:i32", "k=2:i32:1..1"];\n${WITNESS}`;
    folder.write("module.mjs", module);
    const path = join(folder.path, "module.mjs");
    const image = { dtype: "int32", shape: [1, 1, 2, 3], values: [255, 0, 0, 10, 20, 30] };
    const lines = (args: readonly string[]) =>
      opcounter(["profile", path, ...args])
        .stderr.trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    expect(lines([])).to.deep.equal([image, { dtype: "int32", shape: [2], values: [1, 1] }]);
    expect(lines(["--input", "k=1"])).to.deep.equal([
      image,
      { dtype: "float32", shape: [1], values: [0] },
    ]);
  });

  describe("that are malformed", () => {
    const small = png(3, 2, [...Array(24).keys()]);
    const photo = jpeg.encode({ width: 9, height: 9, data: Buffer.alloc(324, 90) }, 50).data;
    /** Runs a reader on bytes that may be damaged: it gives a value or a OpcounterError, nothing else. */
    const survives = (read: () => unknown) => {
      try {
        read();
      } catch (error) {
        expect(error).to.be.instanceOf(OpcounterError);
        expect(String(error)).to.match(/^[^\n]+\.$/);
      }
    };
    const readers: [name: string, file: Uint8Array, read: (bytes: Uint8Array) => unknown][] = [
      ["PNG", small, (bytes) => decodeImage(bytes, "PNG", 3, "x.png")],
      ["JPEG", photo, (bytes) => decodeImage(bytes, "JPEG", 3, "x.jpg")],
      [".npy", FLOATS, (bytes) => readNpy(bytes, "x.npy")],
    ];
    for (const [name, file, read] of readers) {
      it(`never crash as ${name}: cut at every length`, () => {
        for (let length = 0; length < file.length; length++) {
          survives(() => read(file.subarray(0, length)));
        }
      });

      it(`never crash as ${name}: with bytes changed`, () => {
        const changes = fc.dictionary(fc.nat(file.length - 1).map(String), fc.nat(255), {
          minKeys: 1,
          maxKeys: 4,
        });
        fc.assert(
          fc.property(changes, (bytesByIndex) => {
            const changed = Uint8Array.from(file);
            for (const [at, byte] of Object.entries(bytesByIndex)) changed[Number(at)] = byte;
            survives(() => read(changed));
          }),
          { numRuns: 300 },
        );
      });
    }

    it("never crash as options", () => {
      const pieces = fc.constantFrom("x", "=", "@", ":", "1", "..", "-", "f32", "i32", "resize");
      const text = fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 9 }).map((parts) => parts.join("")),
      );
      fc.assert(fc.property(text, (option) => survives(() => parseInputOption(option))));
    });
  });
});
