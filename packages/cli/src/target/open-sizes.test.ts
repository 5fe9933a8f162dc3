import { OpcounterError } from "@opcounter/ir";
import type { InputSpec } from "@opcounter/tracer";
import { expect } from "chai";
import { parseInputOption, resolveInputs } from "./input-option.ts";
import { type OpenSizes, parseSize } from "./open-sizes.ts";

const spec = (name: string, shape: InputSpec["shape"]): InputSpec => ({
  name,
  shape,
  dtype: "float32",
});
const image = spec("image", [null, null, null, 3]);
const planes = spec("planes", [null, 3, null, null]);
const ids = spec("ids", [null, null]);
const fixed = spec("fixed", [2, 8]);

interface Given {
  readonly inputs?: readonly string[];
  readonly usual?: readonly string[];
  readonly sizes?: OpenSizes;
  readonly names?: readonly string[];
}

async function shapes(
  specs: readonly InputSpec[] | undefined,
  { inputs = [], usual = [], sizes = {}, names = [] }: Given,
): Promise<string[]> {
  const read = (texts: readonly string[]) => texts.map((text) => parseInputOption(text));
  const made = await resolveInputs(specs, read(inputs), read(usual), sizes, names);
  return made.map(({ shape }) => shape.join("x"));
}

async function refusal(...args: Parameters<typeof shapes>): Promise<string> {
  try {
    await shapes(...args);
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("sizes given once for all inputs", () => {
  it("fill what the model leaves open, and nothing else", async () => {
    const specs = [image, planes, ids, fixed];
    expect(await shapes(specs, { sizes: { size: [32], batch: 4 } })).to.deep.equal([
      "4x32x32x3",
      "4x3x32x32",
      "4x32",
      "2x8",
    ]);
    const both = { sizes: { size: parseSize("48x64") } };
    expect(await shapes([image, planes], both)).to.deep.equal(["1x48x64x3", "1x3x48x64"]);
  });

  it("come before what the zoo or a module gives, and after --input", async () => {
    const usual = ["image=1x224x224x3:f32:0..1"];
    expect(await shapes([image], { usual, sizes: { batch: 8 } })).to.deep.equal(["8x224x224x3"]);
    expect(await shapes([image], { usual, sizes: { size: [96] } })).to.deep.equal(["1x96x96x3"]);
    const inputs = ["image=3x16x16x3"];
    expect(await shapes([image, ids], { inputs, sizes: { size: [5] } })).to.deep.equal([
      "3x16x16x3",
      "1x5",
    ]);
    const [made] = await resolveInputs([image], [], [parseInputOption(usual[0] ?? "")], {
      batch: 2,
    });
    expect(made?.range).to.deep.equal({ least: 0, most: 1 });
  });

  it("are refused where nothing has them", async () => {
    expect(await refusal([fixed], { sizes: { batch: 4 } })).to.equal(
      "--batch sets what a model leaves open, and nothing of the kind is left open here; leave it out.",
    );
    const given = { inputs: ["image=1x8x8x3"], sizes: { size: [4] } };
    expect(await refusal([image], given)).to.include("--size sets what a model leaves open");
    expect(await refusal(undefined, { inputs: ["1x8"], sizes: { batch: 4 } })).to.equal(
      "--batch is for models, and a function declares no inputs; give them by --input.",
    );
    expect(await refusal([ids], { sizes: { size: [4, 4] } })).to.equal(
      "--size has 2 sizes, and the model leaves 1 open (ids: f32[?,?]); give one size for all, or each input by --input.",
    );
    for (const text of ["0", "8x", "8x0", "x", "-1", "1.5", "9".repeat(30)]) {
      expect(() => parseSize(text), text).to.throw(OpcounterError, `--size ${text} is no size`);
    }
  });
});

describe("an open size that nobody gives", () => {
  it("is proposed as another input has it, as a name says, or as any", async () => {
    const mask = spec("mask", [null, 96, 96, 1]);
    expect(await refusal([image, mask], {})).to.include(
      'for example --size 96 (as its input "mask" has), or --input image=1x96x96x3.',
    );
    const size = async (...names: string[]) =>
      / --size (\d+)/.exec(await refusal([image], { names }))?.[1];
    expect(await size("ssd320fpnlite")).to.equal("320");
    expect(await size("model", "mobilenetv2_1.00_224")).to.equal("224");
    expect(await size("inception_v3_299")).to.equal("299");
    // Numbers of layers, versions and parameters are no sizes.
    for (const name of ["resnet152", "densenet121", "vgg16", "model", "gpt2-1558M", "x4"]) {
      expect(await size(name), name).to.equal("64");
    }
    expect(await refusal([spec("r", undefined)], {})).to.equal(
      "The model leaves the size of its input open (r: f32[any shape]); give it, for example --input r=1x64, or --input r=scalar for a number.",
    );
  });
});
