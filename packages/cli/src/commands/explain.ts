import {
  type Explanation,
  exact,
  explain,
  explainPublished,
  type Integer,
  type PublishedExplanation,
  reportToJson,
} from "@opcounter/counters";
import { counted, grouped, UserError } from "@opcounter/ir";
import { withBackend } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { chooseConvention } from "../plugin.ts";
import { withProgress } from "../progress.ts";
import { fold, styleFor } from "../render/lines.ts";
import { visible } from "../render/visible.ts";
import { traceTarget } from "../target/load-target.ts";
import { collect, deviceOf, type TargetOptions, targetCommand, writeResult } from "./program.ts";
import { pluginsOf } from "./shared.ts";

interface ExplainOptions extends TargetOptions {
  readonly convention: string;
  readonly against: string;
  readonly format: "text" | "json";
  readonly plugin: readonly string[];
}

/** Adds `opcounter explain`. */
export function addExplainCommand(program: Command): void {
  targetCommand(program, "explain", "Say why two conventions give different totals, to the unit")
    .requiredOption("-c, --convention <name>", "the convention to explain")
    .option("--against <name or figure>", "another convention, or a published figure", "native")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--plugin <file>", "a module with conventions of your own; repeatable", collect, [])
    .action(async (target: string, options: ExplainOptions) => {
      writeResult(await explainCommand(target, options), options.output);
    });
}

async function explainCommand(specifier: string, options: ExplainOptions): Promise<string> {
  const { width } = styleFor(options.output);
  const { conventions, counters } = await pluginsOf(options.plugin);
  const convention = chooseConvention(options.convention, conventions);
  const isNumber = /^[-+.,_]*\d/.test(options.against);
  const isWhole = /^\d[\d_,]*$/.test(options.against);
  if (isNumber && !isWhole) {
    throw new UserError(
      `--against ${options.against} is no published figure; write a whole number, such as 2,914,598,912.`,
    );
  }
  const published = isWhole ? BigInt(options.against.replaceAll(/[_,]/g, "")) : undefined;
  const against =
    published === undefined ? chooseConvention(options.against, conventions) : undefined;
  const device = await deviceOf(options);
  const graph = await withBackend(device, () =>
    withProgress(`Running ${specifier} on the ${device.name} device`, () =>
      traceTarget(specifier, options.input, { device, values: options.values }),
    ),
  );
  if (published !== undefined) {
    if (options.convention === "native") {
      throw new UserError("A published figure is some tool's; name its convention, not native.");
    }
    const explanation = explainPublished(graph, convention, published);
    return options.format === "json"
      ? reportToJson(explanation)
      : renderPublished(explanation, width);
  }
  const explanation = explain(graph, convention, against ?? "native", { counters });
  return options.format === "json" ? reportToJson(explanation) : render(explanation, width);
}

const NAMES = { macs: "MACs", flops: "FLOPs" } as const;

/** Where the words begin, right of the numbers. */
const TEXT_COLUMN = 20;

function render(explanation: Explanation, width: number): string {
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

/** FLOPs against MACs: the factor between them is most of the difference, and no disagreement. */
function differentFigures(explanation: Explanation): string {
  const { convention, against, figure, total, againstTotal } = explanation;
  const [name, flops] = figure === "flops" ? [convention, total] : [against, againstTotal];
  return `${name} counts FLOPs, two a MAC: half of them is ${grouped(exact(BigInt(flops) / 2n))}.`;
}

function renderPublished(explanation: PublishedExplanation, width: number): string {
  const { convention, published, float32Rounding, residue, unseen } = explanation;
  const line = (value: string, what: string) =>
    fold(`${value.padStart(18)}  ${what}`, width, TEXT_COLUMN);
  const rounding = "because the tool adds the ops up in float32, in order of execution";
  const rest = residue === 0 ? "unexplained" : "unexplained: other rules, or another model";
  return [
    line(grouped(explanation.exact), `the exact sum by the rules of ${convention}`),
    line(signed(float32Rounding), rounding),
    line(signed(residue), rest),
    line(grouped(published), "as published"),
    ...(unseen.length === 0
      ? []
      : [
          "",
          `${convention} cannot see, and counts nothing for:`,
          ...unseen.map(({ scope, className }) => `  ${visible(scope)} (${className})`),
        ]),
  ].join("\n");
}

function amount(value: Integer): string {
  return value === 0 ? "" : ` = ${grouped(value)}`;
}

function signed(value: Integer): string {
  return value < 0 ? `−${grouped(-value)}` : `+${grouped(value)}`;
}
