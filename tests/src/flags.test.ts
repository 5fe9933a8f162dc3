import { OpcounterError, print, recordingOf, toJson } from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import { FLAGS, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { profile } from "opcounter";
import { opcounter, temporaryFolder } from "./command-line.ts";
import { expectTable } from "./generated-table.ts";

/** Its Tile runs on the host, since the scale has never been on the device. */
const tiled = (x: tf.Tensor) => tf.mul(x, tf.tile(tf.ones([1, 8]), [400, 1]));

const errorOf = (flags: object) =>
  trace(tiled, [tf.ones([400, 8])], { flags: Object(flags) }).then(
    () => expect.fail("it was accepted"),
    (error: unknown) => error,
  );

describe("flags of TensorFlow.js", () => {
  before(() => openDevice("virtual"));

  it("are listed with the defaults that TensorFlow.js has", () => {
    for (const [name, { usual }] of Object.entries(FLAGS)) {
      expect(tf.env().get(name), name).to.equal(usual);
    }
  });

  it("hold while a program runs, and are given back whatever it does", async () => {
    const input = tf.ones([400, 8]);
    const flags = { WEBGPU_CPU_FORWARD: false };
    const placements = async (options: object) =>
      (await trace(tiled, [input], options)).ops.map(({ placement }) => placement);
    expect(await placements({})).to.deep.equal(["cpu", "gpu"]);
    expect(await placements({ flags })).to.deep.equal(["gpu", "gpu"]);
    expect(tf.env().getBool("WEBGPU_CPU_FORWARD")).to.equal(true);
    const failing = () => {
      expect(tf.env().getBool("WEBGPU_CPU_FORWARD")).to.equal(false);
      throw new Error("it fails");
    };
    const failure = await trace(failing, [], { flags }).catch((error: unknown) => error);
    expect(failure).to.match(/it fails/);
    expect(tf.env().getBool("WEBGPU_CPU_FORWARD")).to.equal(true);
    // A flag that nobody had set or asked for is unset again.
    delete tf.env().getFlags()["WEBGPU_CPU_FORWARD"];
    await placements({ flags });
    expect(tf.env().getFlags()).to.not.have.property("WEBGPU_CPU_FORWARD");
  });

  it("stand in the report and the saved graph where they are not the default", async () => {
    const flags = { WEBGPU_CPU_FORWARD: false, WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: 15 };
    const graph = await trace(tiled, [tf.ones([400, 8])], { flags });
    const kept = { WEBGPU_CPU_FORWARD: false };
    for (const each of [graph, parse(print(graph)), fromJson(toJson(graph))]) {
      expect(recordingOf(each)?.flags).to.deep.equal(kept);
    }
    const report = await profile(tiled, [tf.ones([400, 8])], { flags });
    expect(report.recorded?.flags).to.deep.equal(kept);
    tf.env().set("WEBGPU_CONV_SEPARATE_IM2COL_SHADER", true);
    try {
      const { recorded } = await profile(tiled, [tf.ones([400, 8])]);
      expect(recorded?.flags).to.deep.equal({ WEBGPU_CONV_SEPARATE_IM2COL_SHADER: true });
    } finally {
      tf.env().set("WEBGPU_CONV_SEPARATE_IM2COL_SHADER", false);
    }
  });

  it("that are mistyped are named, with the one that was meant", async () => {
    const wrong = [
      [
        { WEBGPU_CPU_FORWORD: false },
        'There is no flag "WEBGPU_CPU_FORWORD" that a trace can set.',
      ],
      [{ WEBGPU_CPU_FORWORD: false }, 'Did you mean "WEBGPU_CPU_FORWARD"?'],
      [{ WEBGPU_CPU_FORWARD: 0 }, "The flag WEBGPU_CPU_FORWARD cannot be 0; it is true or false"],
      [{ WEBGPU_MATMUL_PROGRAM_TYPE: 1.5 }, "cannot be 1.5; it is an integer, by default -1."],
    ] as const;
    for (const [flags, message] of wrong) {
      const error = await errorOf(flags);
      expect(error).to.be.an.instanceOf(OpcounterError).with.property("code", "option-invalid");
      expect(String(error)).to.include(message);
    }
    expect(tf.env().getBool("WEBGPU_CPU_FORWARD")).to.equal(true);
  });

  it("are listed in the docs", () => {
    const rows = Object.entries(FLAGS).map(([name, { usual, what }]) => [
      `\`${name}\``,
      `\`${usual}\``,
      what,
    ]);
    expectTable("devices.md", "flags", ["flag", "default", "what it does"], rows);
  });

  it("are set on the command line", () => {
    const folder = temporaryFolder();
    try {
      folder.write(
        "model.ts",
        `export const inputs = ["x=400x8"];
         export default (tf) => (x) => tf.mul(x, tf.tile(tf.ones([1, 8]), [400, 1]));`,
      );
      const run = (...args: string[]) => opcounter(["profile", "model.ts", ...args], folder.path);
      const { stdout } = run("--flag", "WEBGPU_CPU_FORWARD=false");
      expect(stdout).to.match(/device virtual {2}· {2}WEBGPU_CPU_FORWARD=false/);
      expect(stdout).to.not.include("on the host");
      expect(run().stdout).to.include("note: 1 op runs on the host (Tile ×1)");
      expect(run("--flag", "WEBGPU_CPU_FORWARD=off").stderr).to.equal(
        "opcounter: The flag WEBGPU_CPU_FORWARD cannot be off; it is true or false, by default true.\n",
      );
      expect(run("--flag", "CPU").stderr).to.include("NAME=value");
      expect(opcounter(["flags"]).stdout).to.include("WEBGPU_CPU_FORWARD=true\n    ops of fewer");
    } finally {
      folder.remove();
    }
  });
});
