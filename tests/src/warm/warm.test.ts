import { expect } from "chai";
import { type Outcome, opcounter, opcounterProcess, temporaryFolder } from "../command-line.ts";

const TRACES =
  "process.env.LEFT = globalThis.left = 'by the run before';" +
  "process.on('exit', () => console.log('left by the run before'));" +
  "process.exitCode = 3;";

/** All but the progress, which depends on how busy the machine is. */
const ended = ({ status, stdout, stderr }: Outcome) => ({ status, stdout, stderr });

/** A program that fails where it finds what another has left. */
const finding = (traces: string) =>
  `import * as tf from "@tensorflow/tfjs";
   const { numTensors } = tf.memory();
   const left = [globalThis.left, process.env.LEFT, numTensors || undefined].filter(Boolean);
   if (left.length > 0) throw new Error(left.join());
   tf.ones([3]);
   ${traces}
   export default () => (x) => x.exp();`;

describe("runs of the command line in a process that stays", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("give what a process of their own gives", () => {
    folder.write("m.ts", finding(""));
    const runs = [
      ["profile", "m.ts", "-i", "x=2x3", "--format", "json"],
      ["profile", "m.ts", "-i", "x=2xz"],
      ["opps"],
      ["profile", "m.ts", "-i", "x=2x3"],
      ["--version"],
    ];
    for (const args of runs) {
      const alone = opcounterProcess(args, folder.path);
      expect(ended(opcounter(args, folder.path))).to.deep.equal(ended(alone));
    }
  });

  it("leave nothing to the next, which runs the same module anew", () => {
    folder.write("leaves.ts", finding(TRACES));
    const run = () => ended(opcounter(["profile", "leaves.ts", "-i", "x=2x3"], folder.path));
    const first = run();
    expect(first).to.include({ status: 3, stderr: "left by the run before\n" });
    expect(run()).to.deep.equal(first);
    folder.write("finds.ts", finding(""));
    expect(opcounter(["profile", "finds.ts", "-i", "x=2x3"], folder.path)).to.include({
      status: 0,
      stderr: "",
    });
  });

  it("run in a new process after one that ended it", () => {
    folder.write("ends.ts", `console.log("before"); process.exit(5);`);
    const run = () => ended(opcounter(["profile", "ends.ts"], folder.path));
    const alone = ended(opcounterProcess(["profile", "ends.ts"], folder.path));
    expect(alone.stderr).to.include("before");
    expect(run()).to.deep.equal(alone);
    expect(run()).to.deep.equal(alone);
  });
});
