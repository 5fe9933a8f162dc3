import { elementAt } from "@opcounter/ir";
import type { SymbolicReport } from "../symbolic.ts";
import { fold } from "./lines.ts";
import { uncountedLines, warningLines } from "./notes.ts";

/** The report as lines: `macs = 300774272·batch`. */
export function renderSymbolic(report: SymbolicReport, width: number): string {
  const { model, convention, passes, inputs, dimensions, costs, warnings, uncounted } = report;
  const place = (of: "checked" | "between") =>
    dimensions.map((dimension) => `${dimension.name}=${dimension[of]}`).join(", ");
  const shapes = inputs.map(({ name, shape }) => `${name}: [${shape}]`).join(", ");
  const lines = costs.map(({ quantity, formula, residue }) =>
    residue === 0
      ? `${quantity} = ${formula}`
      : `${quantity} is no polynomial here: ${formula} through the sizes fitted, and ${residue} off at ${place("checked")}`,
  );
  const places = dimensions.map(
    ({ name, fitted, checked }) => `${name} ${fitted.join(", ")} and checked at ${checked}`,
  );
  const after = passes === null ? "" : `  ·  after ${passes}`;
  const notes = [...warningLines(warnings), ...uncountedLines(uncounted)];
  return [
    `${model}  ${shapes}  ·  convention ${convention}${after}`,
    "",
    ...lines,
    "",
    `Fitted at ${places.join("; ")}.`,
    ...betweenNote(report, place("between")),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ]
    .map((line) => fold(line, width))
    .join("\n");
}

/** The note on whether the formulas hold between the fitted sizes. */
function betweenNote({ dimensions, costs }: SymbolicReport, place: string): string[] {
  if (dimensions.every(({ fitted, between }) => between === fitted[0])) return [];
  const sizes = dimensions
    .filter(({ fitted, between }) => between !== fitted[0])
    .map(({ name, fitted }) => {
      const first = elementAt(fitted, 0);
      return `${name} = ${first} + ${elementAt(fitted, 1) - first}·k`;
    });
  const where = sizes.join(" and ");
  if (costs.every(({ residueBetween }) => residueBetween === null)) {
    return [`They hold for ${where}; the model does not run at ${place}.`];
  }
  const off = costs.filter(({ residueBetween }) => residueBetween !== 0);
  if (off.length === 0) return [`They hold at ${place} too, which is between the fitted sizes.`];
  const by = off.map(({ quantity, residueBetween }) => `${quantity} by ${residueBetween}`);
  return [
    `They hold for ${where} only: between, strides round. At ${place} they are off: ${by.join(", ")}.`,
  ];
}
