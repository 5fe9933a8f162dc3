import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { type Graph, linesOf, OpcounterError, type SourceLine } from "@opcounter/ir";
import type { CallingLine } from "./render/rows-by-line.ts";
import { visible } from "./render/visible.ts";
import { writtenAt } from "./target/source-maps.ts";

/**
 * By op, the line of the program that called it, as people name it and with what is written there.
 *
 * @throws OpcounterError "options-conflict" where passes made other ops, whose lines are not known.
 */
export function callingLines(graph: Graph): ReadonlyMap<number, CallingLine> {
  const recorded = linesOf(graph);
  if (recorded === undefined) {
    throw new OpcounterError("options-conflict", "Ops that passes made have no lines", {
      remedy: "leave out --by line or --passes",
    });
  }
  const texts = new Map<string, readonly string[]>();
  const named = new Map<string, CallingLine>();
  return new Map([...recorded].map(([op, place]) => [op, describe(place, named, texts)]));
}

function describe(
  place: SourceLine,
  named: Map<string, CallingLine>,
  texts: Map<string, readonly string[]>,
): CallingLine {
  const key = `${place.file}:${place.line}:${place.column}`;
  const known = named.get(key);
  if (known !== undefined) return known;
  const { file, line } = writtenAt(place);
  const lines = texts.get(file) ?? linesIn(file);
  texts.set(file, lines);
  const path = relative("", file);
  const name = `${path.startsWith("..") ? file : path}:${line}`;
  const described = { name: visible(name), text: visible(lines[line - 1]?.trim() ?? "") };
  named.set(key, described);
  return described;
}

/** The lines of a file; none where a stack trace names what is no file. */
function linesIn(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split(/\r?\n/) : [];
}
