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
