import { readdirSync, readFileSync } from "node:fs";
import { ADVICE_RULES } from "@opcounter/ir";
import { expect } from "chai";
import { expectTable } from "../generated-table.ts";

describe("docs/advice.md", () => {
  it("lists every rule", () => {
    expectTable(
      "advice.md",
      "advice",
      ["rule", "finds", "advises"],
      ADVICE_RULES.map(({ name, finds, advises = "" }) => [`\`${name}\``, finds, advises]),
    );
  });

  it("promises a test for every rule, which is there", () => {
    const folder = new URL("./", import.meta.url);
    const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
    const text = tests.map((name) => readFileSync(new URL(name, folder), "utf8")).join("");
    const missing = ADVICE_RULES.filter(({ name }) => !text.includes(`"${name}"`));
    const names = missing.map(({ name }) => name);
    expect(names, "rules that no test of tests/src/advice names").to.deep.equal([]);
  });
});
