import { gunzipSync } from "node:zlib";
import { count, DEVICE_SPECS, rooflineOf } from "@opcounter/counters";
import { parse } from "@opcounter/ir/read";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { compare, linesOf, type RenderOptions, render, renderComparison, trace } from "opcounter";
import { opcounter, temporaryFolder } from "./command-line.ts";
import { graphOf, HOSTILE_NAMES, OBEYED } from "./hostile-names.ts";

const GRAPH = `graph "net" device=virtual {
  %x = input "x" : f32[1,100]
  %w = param "w" : f32[100,10]
  %0 = _FusedMatMul(a=%x, b=%w) {transposeA=false, transposeB=false, activation="linear"} : f32[1,10]  @body/dense
  %1 = Relu(x=%0) : f32[1,10]  @body/act
  return %1
}
`;
const H100 = DEVICE_SPECS["h100"];
if (H100 === undefined) throw new Error("h100 ships no more");

describe("render", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  const graph = parse(GRAPH);
  const report = count(graph);

  it("gives what the command line prints, in every format", async () => {
    folder.write("net.ir", GRAPH);
    const formats: readonly [RenderOptions, readonly string[]][] = [
      [{}, []],
      [{ by: "op", width: 60, verbose: true }, ["--by", "op", "--verbose"]],
      [{ format: "md" }, []],
      [{ format: "csv", by: "kernel" }, ["--by", "kernel"]],
      [{ format: "latex", sort: "flops", top: 1 }, ["--sort", "flops", "--top", "1"]],
      [{ format: "json" }, []],
      [{ format: "dot", graph }, []],
      [{ format: "mermaid", graph, by: "op" }, ["--by", "op"]],
      [{ format: "speedscope" }, []],
      [{ format: "model-explorer", graph }, []],
      [{ format: "node-data" }, []],
      [{ format: "trace", graph, roofline: rooflineOf(report, H100) }, ["--device-spec", "h100"]],
    ];
    for (const [options, args] of formats) {
      const { format = "table", width } = options;
      const { stdout, stderr } = opcounter(
        ["profile", "net.ir", "--format", format, ...args],
        folder.path,
        width === undefined ? {} : { COLUMNS: String(width) },
      );
      expect(stderr).to.equal("");
      expect((await render(report, options)).trimEnd(), format).to.equal(stdout.trimEnd());
    }
  });

  it("gives the page of a report, which has the conventions that are given", async () => {
    const others = [count(graph, { convention: "fvcore" })];
    const page = await render(report, { format: "html", graph, others });
    expect(page).to.include("<title>net – opcounter</title>");
    const [, packed = ""] = /id="document">([^<]*)</.exec(page) ?? [];
    const { model, conventions } = JSON.parse(
      gunzipSync(Buffer.from(packed, "base64")).toString("utf8"),
    );
    expect(model).to.equal("net");
    expect(conventions.map(({ name }: { name: string }) => name)).to.deep.equal([
      "native",
      "fvcore",
    ]);
  });

  it("gives what opcounter compare prints, in every format", async () => {
    folder.write("net.ir", GRAPH);
    folder.write("wide.ir", GRAPH.replaceAll("100", "200"));
    const comparison = compare(report, count(parse(GRAPH.replaceAll("100", "200"))));
    for (const format of ["table", "md", "csv", "latex", "json", "html"]) {
      const args = ["compare", "net.ir", "wide.ir", "--format", format];
      const { stdout } = opcounter(args, folder.path);
      const text = await renderComparison(comparison, { format });
      expect(text.trimEnd(), format).to.equal(stdout.trimEnd());
    }
    const narrow = await renderComparison(comparison, { width: 60 });
    for (const line of narrow.split("\n")) expect(line.length).to.be.at.most(60);
  });

  it("lets no name out that a terminal obeys", async () => {
    const hostile = parse(graphOf(HOSTILE_NAMES.join("")));
    for (const format of ["table", "md", "csv", "latex", "json", "dot", "mermaid"]) {
      const text = await render(count(hostile), { format, graph: hostile, by: "op" });
      for (const line of text.split("\n")) expect(line).to.not.match(OBEYED);
    }
  });

  it("has rows by the lines that the trace recorded", async () => {
    const program = (x: tf.Tensor) => x.square().add(1);
    const traced = await trace(program, [tf.ones([7])], { lines: true, device: "virtual" });
    const lines = linesOf(traced);
    const of = (options: RenderOptions) =>
      render(count(traced), { by: "line", format: "csv", columns: ["flops"], ...options });
    expect(await of({ lines })).to.match(/^line,flops\n\S*render\.test\.ts:\d+,14\n$/);
    expect(await of({}).catch(String)).to.match(/Rows by line need the lines; trace with/);
  });

  it("says what it needs", async () => {
    const message = async (options: RenderOptions) => {
      try {
        return await render(report, options);
      } catch (error) {
        return String(error);
      }
    };
    expect(await message({ format: "pdf" })).to.match(/There is no format "pdf"\. There are table/);
    expect(await message({ format: "dot" })).to.match(/format dot needs the graph; give what/);
    expect(await message({ format: "html" })).to.match(/format html needs the graph; give what/);
    expect(await message({ format: "json", top: 3 })).to.match(
      /\{ format: "json" \} has no place for \{ top \}; leave one of the two out/,
    );
    const pdf = renderComparison(compare(report, report), { format: "pdf" });
    expect(await pdf.catch(String)).to.match(/no format "pdf"\. There are table, md,/);
    expect(await message({ format: "trace", graph })).to.match(/No times are known/);
    const rows: readonly [object, RegExp][] = [
      [{ by: "layer" }, /by is "layer"\. There are scope, owner, kernel,/],
      [{ units: "exact" }, /units is "exact"\. There are short, full\./],
      [{ top: -1 }, /top is -1; it must be an integer of at least 1\./],
      [{ top: Number.NaN }, /top is NaN/],
      [{ depth: 0 }, /depth is 0; it must be/],
    ];
    for (const [options, sentence] of rows) {
      expect(await message(options)).to.match(sentence);
      const ofTwo = renderComparison(compare(report, report), options);
      expect(await ofTwo.catch(String)).to.match(/^OpcounterError: (by|units|top|depth) is/);
    }
    expect(await message({ top: Number.POSITIVE_INFINITY })).to.include("dense");
    expect(await message({ sort: "flop" })).to.match(/There is no cost "flop" to sort by/);
  });
});
