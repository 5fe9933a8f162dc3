import { type Advice, advise, formatScope } from "@opcounter/ir";
import { openDevice, recordedReads, withBackend } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { grouped, shortBytes } from "../render/numbers.ts";
import { traceTarget } from "../target/load-target.ts";
import { type TargetOptions, targetCommand, wholeNumber, writeResult } from "./program.ts";

interface AdviseOptions extends TargetOptions {
  readonly format: "text" | "json";
  readonly top?: number;
}

/** Adds `opcounter advise`. */
export function addAdviseCommand(program: Command): void {
  targetCommand(program, "advise", "Say what could be changed in a model, and what that would save")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--top <n>", "only the n findings that save most", wholeNumber(1))
    .action(async (target: string, options: AdviseOptions) => {
      const device = await openDevice(options.device);
      const graph = await withBackend(device, () =>
        withProgress(`Running ${target} on the ${device.name} device`, () =>
          traceTarget(target, options.input, { device }),
        ),
      );
      const found = advise(graph, { reads: recordedReads(graph) });
      const shown = found.slice(0, options.top);
      const text =
        options.format === "json" ? JSON.stringify(shown, null, 2) : render(shown, found);
      writeResult(text, options.output);
    });
}

function render(shown: readonly Advice[], all: readonly Advice[]): string {
  if (all.length === 0) return "Nothing found that could be changed.";
  const parts = shown.map(({ finding, remedy, scope, saves }, i) =>
    [
      `${i + 1}. ${scope.length === 0 ? "(top level)" : formatScope(scope)}`,
      `   ${finding}`,
      `   ${remedy}`,
      `   ${describeSavings(saves)}`,
    ].join("\n"),
  );
  const more = all.length - shown.length;
  if (more > 0) parts.push(`… ${counted(more, "more finding")}`);
  parts.push(`${counted(all.length, "finding")} in all. ${describeSavings(sum(all))}`);
  return parts.join("\n\n");
}

function describeSavings({ ops, dispatches, bytes }: Advice["saves"]): string {
  if (ops === 0 && dispatches === 0 && bytes === 0)
    return "Saves nothing, but may not run as it is.";
  const work = [counted(ops, "op"), counted(dispatches, "dispatch", "dispatches")].join(", ");
  return `Saves ${work}, ${shortBytes(bytes)} of memory traffic.`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function sum(advice: readonly Advice[]): Advice["saves"] {
  const total = (part: keyof Advice["saves"]) =>
    advice.reduce((sum, { saves }) => sum + saves[part], 0);
  return { ops: total("ops"), dispatches: total("dispatches"), bytes: total("bytes") };
}
