import {
  type Explanation,
  exact,
  type Integer,
  type PublishedExplanation,
} from "@opcounter/counters";
import { counted, grouped } from "@opcounter/ir";
import { fold } from "./lines.ts";
import { signed } from "./numbers.ts";

const NAMES = { macs: "MACs", flops: "FLOPs" } as const;

/** The column where the words begin, right of the numbers. */
const TEXT_COLUMN = 20;

/** Why two conventions differ, kernel by kernel. */
export function renderExplanation(explanation: Explanation, width: number): string {
  const { model, convention, against, total, againstTotal, difference, rows } = explanation;
  const { figure, againstFigure, agreeing } = explanation;
  const parts = rows.map(({ kernel, ops, rule, againstRule, ...row }) =>
    [
      `${signed(row.difference).padStart(18)}  ${kernel}, ${counted(ops, "time")}`,
      besideNumbers(`${convention}: ${rule}${amount(row.total)}`, width),
      besideNumbers(`${against}: ${againstRule}${amount(row.againstTotal)}`, width),
    ].join("\n"),
  );
  return [
    `${model}: ${convention} against ${against}`,
    "",
    ...parts.flatMap((part) => [part, ""]),
    fold(
      `${signed(difference).padStart(18)}  in all: ${grouped(total)} ${NAMES[figure]} (${convention}) − ${grouped(againstTotal)} ${NAMES[againstFigure]} (${against})`,
      width,
      TEXT_COLUMN + 2,
    ),
    besideNumbers(
      `They agree on ${counted(agreeing.ops, "op")}, which ${agreeing.ops === 1 ? "counts" : "count"} ${grouped(agreeing.total)}.`,
      width,
    ),
    ...(figure === againstFigure ? [] : ["", fold(differentFigures(explanation), width)]),
  ].join("\n");
}

function besideNumbers(text: string, width: number): string {
  return fold(`${" ".repeat(TEXT_COLUMN)}${text}`, width, TEXT_COLUMN + 2);
}

/** A note where one convention counts MACs and the other FLOPs, which are 2 per MAC. */
function differentFigures(explanation: Explanation): string {
  const { convention, against, figure, total, againstTotal } = explanation;
  const [name, flops] = figure === "flops" ? [convention, total] : [against, againstTotal];
  return `${name} counts FLOPs, 2 per MAC: half of them is ${grouped(exact(BigInt(flops) / 2n))}.`;
}

/** How much of a published figure a convention explains. */
export function renderPublished(explanation: PublishedExplanation, width: number): string {
  const { convention, published, within, float32Rounding, writtenRounding, residue, unseen } =
    explanation;
  const line = (value: string, what: string) =>
    fold(`${value.padStart(18)}  ${what}`, width, TEXT_COLUMN);
  const rounding = "because the tool adds the ops up in float32, in order of execution";
  const rest = residue === 0 ? "unexplained" : "unexplained: other rules, or another model";
  const isRounded = within !== 0;
  const asWritten = `as published${isRounded ? `, written to within ${grouped(within)}` : ""}`;
  const equal =
    writtenRounding === 0
      ? "because the figure is written in few digits"
      : "because the figure is written in few digits: it is equal as precisely as it is written";
  return [
    line(grouped(explanation.exact), `the exact sum by the rules of ${convention}`),
    line(signed(float32Rounding), rounding),
    ...(isRounded ? [line(signed(writtenRounding), equal)] : []),
    line(signed(residue), rest),
    line(grouped(published), asWritten),
    ...(unseen.length === 0
      ? []
      : [
          "",
          `${convention} cannot see, and counts nothing for:`,
          ...unseen.map(({ scope, className }) => `  ${scope} (${className})`),
        ]),
  ].join("\n");
}

function amount(value: Integer): string {
  return value === 0 ? "" : ` = ${grouped(value)}`;
}
