import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { complaint, opcounter, temporaryFolder } from "./command-line.ts";
import { graphOf, HOSTILE_NAMES } from "./hostile-names.ts";

const ALL = HOSTILE_NAMES.join("");

describe("a table of several models", () => {
  const printed = (...args: readonly string[]) => {
    const { stdout, stderr } = opcounter(["profile", "resnet18", "mobilenet_v2", ...args]);
    expect(stderr).to.equal("");
    return stdout;
  };

  it("has one row for each, in every format", () => {
    expect(printed()).to.match(/^resnet18 +1x224x224x3 +11\.69 M +1\.814 G/m);
    expect(printed("--format", "md")).to.match(/^\| mobilenet_v2 \| 1x224x224x3 \| 3\.505 M \|/m);
    expect(printed("--format", "latex")).to.match(
      /^ {2}mobilenet\\_v2 & 1x224x224x3 & 3\.505 M &/m,
    );
    const rows: Record<string, string>[] = parse(printed("--format", "csv"), { columns: true });
    expect(rows.map((row) => row["MACs"])).to.deep.equal(["1814073344", "300774272"]);
    const { models } = JSON.parse(printed("--format", "json", "--convention", "thop@head"));
    expect(models.map(({ totals }: { totals: { macs: number } }) => totals.macs)).to.deep.equal([
      1_824_033_792, 327_486_720,
    ]);
  });

  it("refuses options and formats of one model", () => {
    const refused = (...args: readonly string[]) => complaint(["profile", "lstm", "gru", ...args]);
    expect(refused("--by", "op")).to.match(/one row each, which --by does not go with/);
    expect(refused("--format", "html")).to.match(/--format html is of one model/);
  });
});

describe("csv", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("holds the table's rows, and no name that a spreadsheet would run", () => {
    for (const name of ["=1+1", "+1", "-1", "@a", 'a,"b"', ALL]) {
      folder.write("g.ir", graphOf(name));
      const args = ["profile", "g.ir", "--by", "op", "--format", "csv"];
      const { stdout, stderr } = opcounter(args, folder.path);
      expect(stderr).to.equal("");
      const rows: string[][] = parse(stdout);
      expect(rows).to.have.length(4);
      for (const cell of rows.flat()) expect(cell).to.not.match(/^[=+\-@\t\r]/);
    }
  });
});

describe("a table that is no report", () => {
  const printed = (...args: readonly string[]) => {
    const { stdout, stderr } = opcounter(args);
    expect(stderr).to.equal("");
    return stdout;
  };
  const rowsOf = (...args: readonly string[]): Record<string, string>[] =>
    parse(printed(...args, "--format", "csv"), { columns: true });
  const sum = (rows: readonly Record<string, string>[], column: string) =>
    rows.reduce((total, row) => total + Number(row[column]), 0);

  it("explain: differences that add up, in every format", () => {
    const args = ["explain", "resnet18", "--convention", "thop@head"];
    const { difference } = JSON.parse(printed(...args, "--format", "json"));
    expect(sum(rowsOf(...args), "difference")).to.equal(difference);
    expect(printed(...args, "--format", "md")).to.match(/^\| FusedBatchNorm .* \+9,934,848 \|$/m);
    expect(printed(...args, "--format", "latex")).to.match(/^ {2}FusedBatchNorm & 20 & /m);
    const figure = ["explain", "densenet121", "-c", "thop@2019-07", "--against", "2,914,598,912"];
    const parts = rowsOf(...figure).map(({ amount }) => Number(amount));
    const published = parts.pop();
    expect(parts.reduce((a, b) => a + b)).to.equal(published);
    expect(printed(...figure, "--format", "md")).to.include("| 2,914,598,912 |");
  });

  it("advise: each place with what it saves", () => {
    const { advice } = JSON.parse(printed("advise", "resnet18", "--format", "json"));
    const rows = rowsOf("advise", "resnet18");
    const bytes = advice.reduce(
      (total: number, { saves }: { saves: { bytesRead: number } }) => total + saves.bytesRead,
      0,
    );
    expect(sum(rows, "saves bytes read")).to.equal(bytes);
    expect(
      rowsOf("advise", "resnet18", "--top", "3").filter((row) => row["remedy"]),
    ).to.have.length(3);
    const markdown = printed("advise", "resnet18", "--format", "md");
    expect(markdown)
      .to.match(/^1\. \*\*Fold the batch norm/)
      .and.include("\n   - … and 15 more places");
  });

  it("ops and devices", () => {
    const kernels = JSON.parse(printed("ops", "--format", "json"));
    expect(rowsOf("ops").map((row) => row["flops"])).to.deep.equal(
      kernels.map(({ flops }: { flops: string }) => flops),
    );
    expect(printed("ops", "--format", "latex")).to.include("  AvgPool & formula & ");
    const devices = JSON.parse(printed("devices", "--format", "json"));
    const rows = rowsOf("devices");
    expect(rows.map(({ name = "" }) => devices[name].flops)).to.deep.equal(
      rows.map((row) => Number(row["FLOP/s"])),
    );
    expect(printed("devices", "--format", "md")).to.match(/^\| h100 +\| NVIDIA H100/m);
  });

  it("roofline: every op or scope, in milliseconds", () => {
    const args = ["profile", "resnet18", "--device-spec", "h100"];
    const { roofline } = JSON.parse(printed(...args, "--format", "json"));
    const ops = rowsOf(...args, "--by", "op");
    expect(ops).to.have.length(roofline.ops.length);
    expect(sum(ops, "expected in ms")).to.be.closeTo(roofline.total.expected.ms, 1e-9);
    const [first] = rowsOf(...args, "--depth", "1", "--top", "1");
    expect(first?.["scope"]).to.equal("layer4");
    expect(printed(...args, "--format", "latex")).to.match(
      /^ {2}conv1 & [\d.]+ & \w+ & [\d.]+ µs/m,
    );
    expect(printed(...args, "--format", "md")).to.include("#### Roofline of NVIDIA H100");
    for (const refused of [
      ["--by", "kernel"],
      ["--sort", "macs"],
    ]) {
      expect(complaint([...args, "--format", "csv", ...refused])).to.match(
        /A roofline has rows and columns of its own; choose --by scope or --by op/,
      );
    }
  });
});

describe("options that a format would ignore", () => {
  it("are refused", () => {
    for (const [format, ...option] of [
      ["json", "--top", "3"],
      ["json", "--sort", "flops"],
      ["json", "--columns", "macs"],
      ["html", "--depth", "3"],
      ["csv", "--units", "full"],
      ["dot", "--top", "3"],
      ["trace", "--by", "op"],
      ["node-data", "--device-spec", "h100"],
    ]) {
      const args = ["profile", "resnet18", "--format", format ?? "", ...option];
      expect(complaint(args)).to.include(
        `--format ${format} has no place for ${option[0]}; leave one of the two out`,
      );
    }
  });
});
