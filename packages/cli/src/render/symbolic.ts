import type { Integer, SymbolicCost } from "@opcounter/counters";
import { elementAt } from "@opcounter/ir";
import { fold } from "./lines.ts";
import { leftOutLines, uncountedLines, warningLines } from "./notes.ts";
import { percent } from "./numbers.ts";
import type { SymbolicReport } from "./symbolic-report.ts";

/** The report as lines: `macs = 300774272·batch`. */
export function renderSymbolic(report: SymbolicReport, width: number): string {
  const { model, convention, passes, inputs, dimensions, costs, warnings, uncounted } = report;
  const place = (of: "checked" | "between") =>
    dimensions.map((dimension) => `${dimension.name}=${dimension[of]}`).join(", ");
  const shapes = inputs.map(({ name, shape }) => `${name}: [${shape}]`).join(", ");
  const lines = costs.map(({ quantity, formula, residue, percentOff }) =>
    residue === 0
      ? `${quantity} = ${formula}`
      : `${quantity} is no polynomial here: ${formula} through the sizes fitted, and ${off(residue, percentOff)} off at ${place("checked")}`,
  );
  const places = dimensions.map(({ name, fitted }) => `${name} ${fitted.join(", ")}`);
  const after = passes === null ? "" : `  ·  after ${passes}`;
  const notes = [...leftOutLines(report), ...warningLines(warnings), ...uncountedLines(uncounted)];
  return [
    `${model}  ${shapes}  ·  convention ${convention}${after}`,
    "",
    ...lines,
    "",
    `Fitted at ${places.join("; ")}. ${checkNote(report, place("checked"))}`,
    ...betweenNote(report, place("between")),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ]
    .map((line) => fold(line, width))
    .join("\n");
}

/** A difference with its size in percent: `-12 (0.4 %)`. */
function off(residue: Integer | string | null, percentOff: number | null): string {
  return percentOff === null ? `${residue}` : `${residue} (${inPercent(percentOff)})`;
}

function inPercent(value: number): string {
  return value === 0 ? "0 %" : percent(value, 100);
}

/** What the formulas are off by where they were checked, in percent. */
function checkNote({ costs }: SymbolicReport, place: string): string {
  const [worst] = [...costs].sort((a, b) => sizeOf(b) - sizeOf(a));
  if (worst === undefined || worst.residue === 0) return `At ${place} they are off by 0 %.`;
  return `At ${place} they are off by up to ${off(worst.residue, worst.percentOff)}, in ${worst.quantity}.`;
}

function sizeOf({ percentOff }: SymbolicCost): number {
  return percentOff ?? Number.POSITIVE_INFINITY;
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
  const wrong = costs.filter(({ residueBetween }) => residueBetween !== 0);
  if (wrong.length === 0) return [`They hold at ${place} too, which is between the fitted sizes.`];
  const by = wrong.map(
    ({ quantity, residueBetween, percentOffBetween }) =>
      `${quantity} by ${off(residueBetween, percentOffBetween)}`,
  );
  return [
    `They hold for ${where} only: between, strides round. At ${place} they are off: ${by.join(", ")}.`,
  ];
}
