import { type Graph, grouped } from "@opcounter/ir";
import Table from "cli-table3";
import { BORDERLESS } from "./borderless.ts";
import { visible } from "./visible.ts";

/** One pass as it ran. */
export interface Step {
  readonly name: string;
  readonly milliseconds: number;
  readonly graph: Graph;
}

/** The time of each pass, and the ops and groups after it. */
export function renderTiming(before: Graph, steps: readonly Step[]): string {
  const table = new Table({
    chars: BORDERLESS,
    style: { "padding-left": 0, "padding-right": 2, head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right"],
  });
  table.push(["pass", "ms", "ops", "groups"]);
  table.push(["(before)", "", grouped(before.ops.length), grouped(before.groups.length)]);
  for (const { name, milliseconds, graph } of steps) {
    const counts = [grouped(graph.ops.length), grouped(graph.groups.length)];
    table.push([visible(name), milliseconds.toFixed(2), ...counts]);
  }
  return table.toString().replaceAll(/ +$/gm, "");
}
