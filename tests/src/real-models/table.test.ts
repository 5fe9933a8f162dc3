import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { tableRows } from "../generated-table.ts";
import { INSTALLED_MODELS, REAL_MODELS } from "./catalog.ts";
import { COLUMNS, rowOf } from "./rows.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

describe("docs/real-models.md", () => {
  const [columns, ...rows] = tableRows("real-models.md", "real-models");

  it("has each model once, and counts everything of it", () => {
    expect(columns).to.deep.equal(COLUMNS);
    expect(rows.map(([name, model]) => [name, model])).to.deep.equal(
      REAL_MODELS.map(({ package: name, name: model }) => [name, model]),
    );
    for (const row of rows) expect(row.at(-1), row.join(" ")).to.equal("–");
  });

  for (const model of INSTALLED_MODELS) {
    it(`tells of ${model.package} ${model.name} what is counted`, () => {
      const row = rows.find(([name, its]) => name === model.package && its === model.name);
      expect(row, "`npm run real-models` writes it").to.deep.equal(rowOf(model, ROOT));
    });
  }
});
