import { parse } from "@opcounter/ir/read";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { writeSmallModel } from "../cli/small-model.ts";
import { temporaryFolder } from "../command-line.ts";
import { fault, foundInputs, inputAt } from "./fuzz-parser.ts";
import { type Parser, parsersIn } from "./parsers.ts";

const INPUTS = 150;
const SEED = 1;

const NAMES =
  "graph-text graph-json model-json model-text shards npy png jpeg spec budget report plugin convention cost expression pipeline passes pattern input size limits".split(
    " ",
  );

describe("every parser", () => {
  const folder = temporaryFolder();
  let parsers: Readonly<Record<string, Parser>> = {};
  before(async () => {
    parsers = await parsersIn(folder, await writeSmallModel(folder));
  });
  after(folder.remove);
  const parserOf = (name: string): Parser => {
    const parser = parsers[name];
    if (parser === undefined) throw new Error(`there is no parser ${name}`);
    return parser;
  };

  it("is fuzzed", () => {
    expect(Object.keys(parsers)).to.deep.equal(NAMES);
  });

  it("reads its examples, from which the inputs are made", async () => {
    for (const [name, { examples, read }] of Object.entries(parsers)) {
      expect(examples, name).to.not.have.length(0);
      for (const example of examples) await read(example);
    }
  });

  it("is told apart from one that goes wrong", async () => {
    const kept: tf.Tensor[] = [];
    const input = new Uint8Array();
    const faultOf = (read: () => unknown) =>
      fault({ examples: [], inputs: fc.constant(input), read }, input);
    expect(await faultOf(() => kept.push(tf.ones([1])))).to.equal("left 1 tensors");
    expect(await faultOf(() => Promise.reject(new TypeError("oh")))).to.include("TypeError: oh");
    expect(await faultOf(() => parse("graph"))).to.equal(undefined);
    tf.dispose(kept);
  });

  for (const name of NAMES) {
    it(`reads or refuses what it may get: ${name}`, async () => {
      const parser = parserOf(name);
      for (let number = 0; number < INPUTS; number++) {
        const input = inputAt(parser, SEED, number);
        expect(await fault(parser, input), `input ${number} of seed ${SEED}`).to.equal(undefined);
      }
      for (const [file, input] of foundInputs(name)) {
        expect(await fault(parser, input), file).to.equal(undefined);
      }
    });
  }
});
