import { reportToJson } from "@opcounter/counters";
import { OpcounterError, similarName } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { withProgressBar } from "../progress.ts";
import { tableInCsv } from "../render/csv.ts";
import { tableInLatex } from "../render/latex.ts";
import { tableInMarkdown } from "../render/markdown.ts";
import { styleFor } from "../render/style.ts";
import { visible } from "../render/visible.ts";
import { renderZooList } from "../render/zoo-list.ts";
import { renderZooTable, zooTable } from "../render/zoo-table.ts";
import { ZOO } from "../zoo/catalog.ts";
import type { ZooModel } from "../zoo/zoo-model.ts";
import { EXIT, writeNote, writeResult } from "./program.ts";

interface ZooOptions {
  readonly table?: boolean;
  readonly executed?: boolean;
  readonly format: "table" | "md" | "csv" | "latex" | "json";
}

/** Adds `opcounter zoo`. */
export function addZooCommand(program: Command): void {
  program
    .command("zoo")
    .description("List the models that can be profiled by name, or count them")
    .argument("[models...]", "the models; all by default")
    .option("--table", "count each model: parameters, MACs, FLOPs, memory, dispatches")
    .option(
      "--executed",
      "with --table: products that shaders execute for each MAC, up to resnet50's size",
    )
    .addOption(
      new Option("-f, --format <format>", "what to print; md, csv and latex only with --table")
        .choices(["table", "md", "csv", "latex", "json"])
        .default("table"),
    )
    .exitOverride()
    .action(async (names: readonly string[], options: ZooOptions) => {
      const chosen = modelsOf(names);
      const text = options.table ? await countZoo(chosen, options) : zooList(chosen, options);
      writeResult(text, undefined);
    });
}

/** @throws OpcounterError where the zoo has no model of a name. */
function modelsOf(names: readonly string[]): readonly ZooModel[] {
  if (names.length === 0) return Object.values(ZOO);
  return [...new Set(names)].map((name) => {
    const model = Object.hasOwn(ZOO, name) ? ZOO[name] : undefined;
    if (model !== undefined) return model;
    throw new OpcounterError("target-unknown", `The zoo has no model "${name}".`, {
      remedy: similarName(name, Object.keys(ZOO)),
    });
  });
}

function zooList(chosen: readonly ZooModel[], { format, executed }: ZooOptions): string {
  if (executed) {
    throw new OpcounterError("options-conflict", "--executed is for the table", {
      remedy: "use opcounter zoo --table --executed",
    });
  }
  const models = chosen.map(({ build: _, ...model }) => model);
  if (format === "json") return reportToJson(models);
  if (format !== "table") {
    throw new OpcounterError("options-conflict", `--format ${format} is for the table`, {
      remedy: "use opcounter zoo --table",
    });
  }
  const { width, paint } = styleFor(undefined);
  return renderZooList(models, width, paint);
}

const TABLE_WRITERS = { md: tableInMarkdown, csv: tableInCsv, latex: tableInLatex };

/** Counts models. Prints those that fail to stderr; the exit status is then 1. */
async function countZoo(
  models: readonly ZooModel[],
  { format, executed = false }: ZooOptions,
): Promise<string> {
  const { zooRows } = await import("../zoo/zoo-workers.ts");
  const names = models.map(({ name }) => name);
  // The worker threads run this same bundle.
  const results = await withProgressBar("Counting the zoo", names.length, (advance) =>
    zooRows(names, { executed }, __filename, advance),
  );
  const rows = results.flatMap((result) => ("error" in result ? [] : [result]));
  const failed = results.flatMap((result) => ("error" in result ? [result] : []));
  for (const { name, error } of failed) {
    writeNote(`opcounter: ${name} failed: ${visible(error)}`);
    process.exitCode = EXIT.checkFailed;
  }
  if (format === "json") {
    return reportToJson({ schemaVersion: 1, device: "virtual", models: rows, failed });
  }
  if (format !== "table") return TABLE_WRITERS[format](zooTable(rows));
  const { width, paint } = styleFor(undefined);
  return renderZooTable(rows, width, paint);
}
