import {
  type Explanation,
  exact,
  explain,
  explainPublished,
  type Integer,
  type PublishedExplanation,
} from "@opcounter/counters";
import { UserError } from "@opcounter/ir";
import { withBackend } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { grouped } from "../render/numbers.ts";
import { traceTarget } from "../target/load-target.ts";
import { collect, deviceOf, type TargetOptions, targetCommand, writeResult } from "./program.ts";
import { chooseConvention, pluginsOf } from "./shared.ts";

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
  const { conventions } = await pluginsOf(options.plugin);
  const convention = chooseConvention(options.convention, conventions);
  const published = /^[\d_,]+$/.test(options.against)
    ? BigInt(options.against.replaceAll(/[_,]/g, ""))
    : undefined;
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
    return options.format === "json" ? toJson(explanation) : renderPublished(explanation);
  }
  const explanation = explain(graph, convention, against ?? "native");
  return options.format === "json" ? toJson(explanation) : render(explanation);
}

function toJson(value: object): string {
  return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v), 2);
}

const NAMES = { macs: "MACs", flops: "FLOPs" } as const;

function render(explanation: Explanation): string {
  const { model, convention, against, total, againstTotal, difference, rows } = explanation;
  const { figure, againstFigure, agreeing } = explanation;
  const parts = rows.map(({ kernel, ops, rule, againstRule, ...row }) =>
    [
      `${signed(row.difference).padStart(18)}  ${kernel}, ${grouped(ops)} ${ops === 1 ? "time" : "times"}`,
      `${" ".repeat(20)}${convention}: ${rule}${amount(row.total)}`,
      `${" ".repeat(20)}${against}: ${againstRule}${amount(row.againstTotal)}`,
    ].join("\n"),
  );
  return [
    `${model}: ${convention} against ${against}`,
    "",
    ...parts.flatMap((part) => [part, ""]),
    `${signed(difference).padStart(18)}  in all: ${grouped(total)} ${NAMES[figure]} (${convention}) − ${grouped(againstTotal)} ${NAMES[againstFigure]} (${against})`,
    `${"".padStart(18)}  They agree on ${grouped(agreeing.ops)} ops, which count ${grouped(agreeing.total)}.`,
    ...(figure === againstFigure ? [] : ["", differentFigures(explanation)]),
  ].join("\n");
}

/** FLOPs against MACs: the factor between them is most of the difference, and no disagreement. */
function differentFigures(explanation: Explanation): string {
  const { convention, against, figure, total, againstTotal } = explanation;
  const [name, flops] = figure === "flops" ? [convention, total] : [against, againstTotal];
  return `${name} counts FLOPs, two a MAC: half of them is ${grouped(exact(BigInt(flops) / 2n))}.`;
}

function renderPublished(explanation: PublishedExplanation): string {
  const { convention, published, float32Rounding, residue, unseen } = explanation;
  const line = (value: Integer, what: string) => `${signed(value).padStart(18)}  ${what}`;
  return [
    `${grouped(explanation.exact).padStart(18)}  the exact sum by the rules of ${convention}`,
    line(float32Rounding, "because the tool adds the ops up in float32, in order of execution"),
    line(residue, residue === 0 ? "unexplained" : "unexplained: other rules, or another model"),
    `${grouped(published).padStart(18)}  as published`,
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

function signed(value: Integer): string {
  return value < 0 ? `−${grouped(-value)}` : `+${grouped(value)}`;
}
