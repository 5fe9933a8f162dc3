import { ADVICE_RULES } from "@opcounter/ir";
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
});
