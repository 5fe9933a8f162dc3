import { counted, type OpcounterError } from "@opcounter/ir";
import type { Entry } from "@opcounter/recorder";
import type { GpuAnswer } from "./gpu-recording.ts";

/** What the reader of a page's report should know. */
export function gpuNotes(
  answers: readonly GpuAnswer[],
  entries: readonly Entry[],
  within: string,
  stopped: OpcounterError | undefined,
): string[] {
  const dropped = answers.reduce((sum, each) => sum + each.dropped, 0);
  return [
    ...(stopped === undefined
      ? []
      : [`The program did not end by itself, so what follows is missing: ${stopped.message}`]),
    ...(within === "" ? [] : [submitsNote(entries, within)]),
    ...(dropped === 0
      ? []
      : [`The page submitted ${counted(dropped, "time")} more, which is too much to keep.`]),
    ...(answers.length === 1
      ? []
      : [
          `What the page's frames and workers submit stands one after another: ${addresses(answers)}.`,
        ]),
    ...answers.flatMap(({ losses }) =>
      losses.map(
        (why) =>
          `The page lost its device: ${why}; what it submits to it afterwards is listed, and does not run.`,
      ),
    ),
    ...answers.flatMap(({ refusals }) =>
      refusals.map((reason) => `The device refused a command: ${reason}`),
    ),
  ];
}

/** How often the page submitted, and how many of these submits differ. */
function submitsNote(entries: readonly Entry[], within: string): string {
  const submits = entries.flatMap((entry) => (entry.kind === "submit" ? [entry.commands] : []));
  const numbers = new Map<object, number>();
  const kinds = submits.map((commands) =>
    commands.map((command) => {
      // Commands that are the same are one object.
      const number = numbers.get(command) ?? numbers.size;
      numbers.set(command, number);
      return number;
    }),
  );
  const different = new Set(kinds.map(String)).size;
  const repeated =
    different < submits.length ? `, with ${counted(different, "different list")} of commands` : "";
  return `The page submitted ${counted(submits.length, "time")}${within}${repeated}.`;
}

function addresses(answers: readonly GpuAnswer[]): string {
  return answers.map(({ address }) => address).join(", ");
}
