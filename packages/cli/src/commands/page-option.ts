import { counted, type Graph, OpcounterError } from "@opcounter/ir";
import { type Command, InvalidArgumentError } from "commander";
import type { PassKind } from "../browser/record-page.ts";
import { withProgress } from "../progress.ts";
import { browserOptionsOf, type DeviceOptions } from "./device-option.ts";
import { integerFrom, writeNote } from "./program.ts";

/** Options that say which page is recorded, and which of its passes is meant. */
export interface PageOptions extends DeviceOptions {
  readonly url?: string;
  readonly seconds: number;
  readonly pass?: number;
}

/** How long a page is recorded where nothing else is said, in seconds. */
export const SECONDS = 10;

/** Adds the options of commands that record the passes of a page, where they name no target. */
export function addPageOptions(command: Command): Command {
  return command
    .option(
      "--url <address>",
      "with --device browser, in place of a target: a page, whose own passes are recorded",
      parseAddress,
    )
    .option("--seconds <n>", "how long that page is recorded", integerFrom(1), SECONDS)
    .option("--pass <n>", "which of its passes, from 1, where it ran several kinds", integerFrom(1))
    .hook("preAction", refuseBesidePage);
}

/** Parses the address of `--url`. */
export function parseAddress(text: string): string {
  if (/^(https?|file):/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be an address such as http://localhost:8080/.");
}

/** Options that say how a target is run or read. A page runs what it has by itself. */
const OF_TARGETS: ReadonlySet<string> = new Set(
  "input size batch limits flag values constantsAsParams weights maxBytes allowHost symbolic sparsity training time runs warmup".split(
    " ",
  ),
);

/** @throws OpcounterError where there is neither a target nor a page, or an option of the other. */
function refuseBesidePage(command: Command): void {
  const { url, device } = command.opts<PageOptions>();
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  if (url === undefined) {
    const ofPages = ["seconds", "pass"].find(isGiven);
    if (ofPages !== undefined) throw conflict(`--${ofPages} is for --url`, "leave it out");
    if (command.args.length > 0) return;
    throw new OpcounterError("option-invalid", "There is no target", {
      remedy: "name one (see `opcounter --help`), or a page by --device browser --url",
    });
  }
  if (command.args.length > 0) {
    throw conflict("--url names a page, and there is a target too", "leave one of the two out");
  }
  if (typeof device === "string") {
    throw conflict("--url needs a browser", "add --device browser");
  }
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return OF_TARGETS.has(name) && isGiven(name);
  });
  const isByLine = command.getOptionValue("by") === "line";
  if (other === undefined && !isByLine) return;
  const option = other?.long ?? "--by line";
  throw conflict(`--url records what a page runs, and ${option} is for a target`, "leave it out");
}

export function conflict(sentence: string, remedy: string): OpcounterError {
  return new OpcounterError("options-conflict", sentence, { remedy });
}

/** The kinds of passes that the page ran, each named by its number, or the one that is chosen. */
export async function passesOfPage(options: PageOptions): Promise<readonly PassKind[]> {
  const { url = "", seconds, pass } = options;
  const { recordPage } = await import("../browser/record-page.ts");
  const { kinds, notes } = await withProgress(
    `Recording ${url} for ${counted(seconds, "second")}`,
    () => recordPage({ url, seconds, ...browserOptionsOf(options) }),
  );
  if (pass === undefined && kinds.length > 1) {
    // Rows have no place for them.
    for (const note of notes) writeNote(`note: ${note}`);
    return kinds.map(numbered);
  }
  if (pass === undefined) return kinds;
  const chosen = kinds[pass - 1];
  if (chosen !== undefined) return [chosen];
  throw new OpcounterError(
    "option-invalid",
    `There is no pass ${pass}: the page ran ${counted(kinds.length, "kind")} of passes`,
    { remedy: "they have the numbers from 1, in the order in which they first ran" },
  );
}

/** The graph of the only pass, or of the one that is chosen. */
export async function onlyPassOfPage(options: PageOptions): Promise<Graph> {
  const [first, ...others] = await passesOfPage(options);
  if (first !== undefined && others.length === 0) return first.graph;
  throw new OpcounterError(
    "option-invalid",
    `The page ran ${counted(others.length + 1, "kind")} of passes, and a graph is of one`,
    { remedy: "choose it by --pass; `opcounter profile` lists them" },
  );
}

/** With its number, how often it ran and how long it took, in its name. */
function numbered(kind: PassKind, index: number): PassKind {
  const { graph, runs, hostMs } = kind;
  const name = `${index + 1}: ${graph.name}, ${counted(runs, "run")}, ${hostMs.toFixed(1)} ms on host`;
  return { ...kind, graph: { ...graph, name } };
}
