import { existsSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceLine } from "@opcounter/ir";

interface Remembered {
  /** The folder that the map's paths are relative to. */
  readonly folder: string;
  readonly json: string;
  map?: SourceMap;
}

/** By the URL that stack traces name a bundled module by. */
const remembered = new Map<string, Remembered>();

/** Keeps the source map of a module that was bundled, to be read where a line is asked for. */
export function rememberMap(url: string, json: string, folder: string): void {
  remembered.set(url, { json, folder });
}

/** The line as it was written, before a module was bundled; with a path for a URL of a file. */
export function writtenAt(place: SourceLine): SourceLine {
  const { file, line, column } = place;
  const known = remembered.get(file);
  if (known === undefined) {
    return file.startsWith("file:") ? { ...place, file: fileURLToPath(file) } : place;
  }
  // Sound: esbuild wrote it.
  known.map ??= new SourceMap(JSON.parse(known.json) as SourceMapPayload);
  const entry = known.map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return place;
  return {
    file: sourceIn(known.folder, entry.originalSource),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

/** The path of a source. esbuild writes quotes in its name as addresses have them. */
function sourceIn(folder: string, name: string): string {
  const file = resolve(folder, name);
  const quoted = resolve(folder, name.replaceAll("%27", "'").replaceAll("%22", '"'));
  return existsSync(file) ? file : quoted;
}
