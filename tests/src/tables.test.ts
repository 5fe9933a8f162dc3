import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CostReport, count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { NO_PAINT } from "../../packages/cli/src/render/lines.ts";
import type { RowTableOptions } from "../../packages/cli/src/render/row-table.ts";
import { summaryFormat } from "../../packages/cli/src/render/summary-format.ts";
import { tableFormat } from "../../packages/cli/src/render/table-format.ts";
import { opcounter, temporaryFolder } from "./command-line.ts";

/**
 * Tables as people see them, at the widths that terminals have. The expected texts are in
 * `tests/golden/tables`; `UPDATE_GOLDEN=1 npm test -- tests/src/tables.test.ts` writes them anew.
 */
const FOLDER = new URL("../golden/tables/", import.meta.url);
const WIDTHS = [60, 80, 120, 160];

const FUNCTION = `export const inputs = ["x=1x64x64x3"];
  export default (tf) => (x) => {
    const y = tf.tidy("stem", () => tf.relu(tf.conv2d(x, tf.ones([3, 3, 3, 8]), 1, "same")));
    return tf.tidy("head", () => tf.matMul(y.reshape([1, -1]), tf.ones([32768, 10])).softmax());
  };`;

const USUAL: RowTableOptions = {
  ...{ by: "scope", depth: 2, units: "short", verbose: false, lines: new Map() },
  ...{ top: undefined, sort: undefined, columns: undefined },
};

describe("tables", () => {
  const folder = temporaryFolder();
  const graphs = new Map<string, Graph>();

  before(function () {
    this.timeout(60_000);
    const pitch = "npm:@spotify/basic-pitch/model/model.json";
    for (const [name, ...args] of [
      ["resnet50", "resnet50"],
      ["gpt2", "gpt2"],
      ["basic-pitch", pitch, "--input", "1x43844x1"],
      ["function", folder.write("function.ts", FUNCTION)],
    ] as const) {
      const file = join(folder.path, `${name}.ir`);
      expect(opcounter(["trace", ...args, "-o", file]).stderr).to.equal("");
      graphs.set(name, parse(readFileSync(file, "utf8")));
    }
  });
  after(folder.remove);

  const counted = (name: string): [Graph, CostReport] => {
    const graph = graphs.get(name);
    if (graph === undefined) throw new Error(`${name} was not traced`);
    return [graph, count(graph)];
  };

  const shown = (
    name: string,
    options: Partial<RowTableOptions>,
    width: number,
    format: Pick<typeof tableFormat, "report"> = tableFormat,
  ) => {
    const [graph, report] = counted(name);
    const found = {
      ...{ graph, recorded: graph, report, countByOthers: () => [] },
      ...{ roofline: undefined, executed: undefined, listsDispatches: false },
    };
    const style = { width, paint: NO_PAINT, bars: "blocks" } as const;
    return format.report({ ...found, rows: { ...USUAL, ...options } }, style);
  };

  const cases: Readonly<Record<string, [name: string, options: Partial<RowTableOptions>]>> = {
    "resnet50 by scope": ["resnet50", {}],
    "resnet50, the most bytes": ["resnet50", { top: 6, sort: "bytes" }],
    "basic-pitch by op": ["basic-pitch", { by: "op", top: 12 }],
    "gpt2 by owner": ["gpt2", { by: "owner", top: 8, sort: "params" }],
    "gpt2 by kernel": ["gpt2", { by: "kernel" }],
    "a function by op": ["function", { by: "op", verbose: true }],
    "chosen columns": ["resnet50", { depth: 1, columns: ["memory", "class", "share", "params"] }],
  };
  const isGolden = (
    title: string,
    name: string,
    options: Partial<RowTableOptions>,
    format: Pick<typeof tableFormat, "report"> = tableFormat,
  ) => {
    it(`show ${title} at 60 to 160 columns`, () => {
      const file = new URL(`${title.replaceAll(/\W+/g, "-")}.txt`, FOLDER);
      const texts = WIDTHS.map((width) => {
        // The totals and notes are below the table and an empty line.
        const parts = shown(name, options, width, format).split("\n\n");
        const text = parts.slice(0, 2).join("\n\n");
        for (const line of text.split("\n")) expect(line.length).to.be.at.most(width);
        return `== ${width} columns\n${text}\n`;
      });
      const text = texts.join("\n");
      if (process.env["UPDATE_GOLDEN"]) writeFileSync(file, text);
      expect(text).to.equal(readFileSync(file, "utf8"));
    });
  };
  for (const [title, [name, options]] of Object.entries(cases)) isGolden(title, name, options);
  isGolden("resnet50 summary", "resnet50", {}, summaryFormat);
  isGolden("gpt2 summary", "gpt2", { depth: 3 }, summaryFormat);

  it("have parameters and multiply-adds that add up, as layers with all inside them or besides", () => {
    const [, { totals }] = counted("resnet50");
    for (const depth of [1, 2, 3, 9]) {
      const text = shown("resnet50", { depth, units: "full" }, Infinity, summaryFormat);
      const [, table = ""] = text.split("\n\n");
      const rows = table.split("\n").slice(1);
      const column = (place: number) =>
        rows
          .map((row) => row.split(/ {2,}/).at(place)?.replaceAll(",", "").replace("–", "0"))
          .reduce((sum, cell) => sum + Number(cell), 0);
      expect([column(-2), column(-1)]).to.deep.equal([totals.params, totals.macs]);
    }
  });

  it("keep MACs and their share at 60 columns, parameters where rows have some, bytes at 80", () => {
    const heads = (name: string, options: Partial<RowTableOptions>, width: number) =>
      shown(name, options, width)
        .split("\n")
        .find((line) => line.includes("MACs "));
    expect(heads("resnet50", {}, 60)).to.match(/^scope +(ops +)?params +MACs +share/);
    expect(heads("gpt2", { by: "owner" }, 60)).to.match(/^owner +.*params +.*MACs +share/);
    expect(heads("basic-pitch", { by: "op" }, 60)).to.match(/^op +scope +MACs +share/);
    expect(heads("resnet50", {}, 80)).to.match(/ flops +bytes/);
  });

  it("have rows that add up to the totals where they are sorted, at any depth", () => {
    for (const name of ["resnet50", "gpt2", "basic-pitch"]) {
      const [, { totals }] = counted(name);
      for (const depth of [1, 2, 3, 9]) {
        const lines = shown(name, { depth, top: 10_000, units: "full" }, Infinity).split("\n");
        const head = lines.findIndex((line) => line.startsWith("scope "));
        const rows = lines.slice(head + 1, lines.indexOf("", head));
        const title = lines[head] ?? "";
        const end = title.indexOf("MACs") + "MACs".length;
        const macs = rows.map((row) =>
          Number(/[\d,]+$/.exec(row.slice(0, end))?.[0].replaceAll(",", "")),
        );
        expect(macs.reduce((sum, each) => sum + each, 0)).to.equal(totals.macs);
      }
    }
  });
});
