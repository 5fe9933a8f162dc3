import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";
import { graphOf, HOSTILE_NAMES, OBEYED } from "./hostile-names.ts";

describe("hostile names", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  const ALL = HOSTILE_NAMES.join("");

  /** What a run prints, which must hold nothing that a terminal obeys. */
  const printed = (args: readonly string[], expected = 0): string => {
    const { status, stdout, stderr } = opcounter(args, folder.path);
    expect(status, stderr).to.equal(expected);
    const text = `${stdout}${stderr}`;
    for (const line of text.split("\n")) expect(line).to.not.match(OBEYED);
    expect(text).to.not.include("internal error");
    return text;
  };
  /** Checks that a command prints as many lines as it does of harmless names. */
  const sameLines = (args: readonly string[], write: (name: string) => void, expected = 0) => {
    const lines = ["x", ALL].map((name) => {
      write(name);
      return printed(args, expected).split("\n").length;
    });
    expect(lines[1]).to.equal(lines[0]);
  };
  const writeGraph = (name: string) => folder.write("g.ir", graphOf(name));

  for (const args of [
    ["profile"],
    ["profile", "--by", "kernel"],
    ["profile", "--by", "op", "--verbose", "--dispatches"],
    ["profile", "--roofline", "--device-spec", "card.json"],
    ["advise"],
    ["compare", "--passes", "canonicalize,fuse"],
    ["compare", "h.ir", "--by", "op", "--format", "md"],
    ["compare", "h.ir", "--format", "csv"],
    ["compare", "h.ir", "--format", "latex"],
    ["check", "--max-ops", "9", "--max-params", "99"],
    ["check", "--max-ops", "9", "--format", "md"],
    ["explain", "--convention", "thop@head"],
    ["explain", "--convention", "thop@head", "--against", "100"],
    ["opt", "--passes", "canonicalize,count,liveness,dispatch-summary", "--timing"],
    ["opt", "--passes", "canonicalize", "--print-after-all"],
  ]) {
    it(`reach no terminal, and break no line, in ${args.join(" ")}`, () => {
      const [command = "", ...options] = args;
      sameLines([command, "g.ir", ...options], (name) => {
        writeGraph(name);
        folder.write("h.ir", graphOf(name).replace("Relu", "Sigmoid").replaceAll("Add", "Mul"));
        folder.write("card.json", JSON.stringify({ name, flops: 1e12, bandwidth: 1e9 }));
      });
    });
  }

  it("are the same in the text form and in JSON, when these are read", () => {
    for (const name of [...HOSTILE_NAMES, ALL]) {
      const { name: parsed } = parse(graphOf(name));
      expect(parsed).to.equal(name);
    }
    writeGraph(ALL);
    const text = printed(["opt", "g.ir", "--passes", "canonicalize"]);
    expect(parse(text).name).to.equal(ALL);
    printed(["opt", "g.ir", "--passes", "canonicalize", "-o", "g.json"]);
    const json = readFileSync(join(folder.path, "g.json"), "utf8");
    expect(json.trim()).to.not.match(OBEYED);
    expect(fromJson(JSON.parse(json)).ops[0]?.kernel).to.equal(ALL);
    const report = JSON.parse(printed(["profile", "g.ir", "--format", "json"]));
    expect(report.model).to.equal(ALL);
    expect(report.uncounted[0].kernel).to.equal(ALL);
  });

  it("are no formulas of a spreadsheet in CSV", () => {
    const marks = ["=", "+", "-", "@", "＝", "＋", "－", "＠"];
    for (const mark of marks) {
      writeGraph(`${mark}HYPERLINK(1)`);
      const args = ["profile", "g.ir", "--by", "op", "--format", "csv"];
      const text = printed(args);
      expect(text).to.include(`'${mark}HYPERLINK(1)`);
      expect(text).to.not.match(/(?:^|[,"])[=+@＝＋－＠]/m);
      expect(text).to.not.match(/(?:^|[,"])-(?!\d)/m);
    }
  });

  it("are the names they are in LaTeX, with nothing that TeX runs", () => {
    writeGraph("\\input{/etc/passwd}$x$%–");
    const text = printed(["profile", "g.ir", "--by", "op", "--format", "latex"]);
    expect(text).to.include("\\textbackslash{}input\\{/etc/passwd\\}\\$x\\$\\%--");
    expect(text).to.not.include("\\input");
  });

  it("reach no terminal, and break no line, in messages", () => {
    const message = (args: readonly string[]) => {
      const text = printed(args, 2).trim();
      expect(text.split("\n")).to.have.length(1);
      return text;
    };
    const node = [{ name: ALL, op: "Relu", input: [`${ALL}x`] }];
    folder.write("model.json", JSON.stringify({ modelTopology: { node } }));
    expect(message(["profile", "model.json"])).to.include("\\u001b[31mred");
    folder.write("bad.ts", `throw new Error(${JSON.stringify(ALL)});`);
    expect(message(["profile", "bad.ts"])).to.include("failed while it was loaded");
    const rules = { [ALL]: "x" };
    const kernels = JSON.stringify(rules);
    folder.write("plugin.ts", `export default { counters: { kernels: ${kernels} } };`);
    message(["profile", "g.ir", "--plugin", "plugin.ts"]);
    sameLines(
      ["profile", "wrong.ir"],
      (name) => {
        const wrong = graphOf(name).replace("Relu(x=%0) {} : f32[1,4]", "Relu(x=%0) : f32[9]");
        folder.write("wrong.ir", wrong);
      },
      2,
    );
  });
});
