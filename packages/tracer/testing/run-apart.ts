import { execFileSync } from "node:child_process";

const TYPESCRIPT = new URL("../../../scripts/typescript.mjs", import.meta.url).href;

/** What a program writes to stdout that runs in a process of its own, in the package of the command line. */
export function runApart(program: string): string {
  const flags = ["--conditions=opcounter-source", "--import", TYPESCRIPT, "--input-type=module"];
  return execFileSync(process.execPath, [...flags, "--eval", program], {
    cwd: new URL("../../cli", import.meta.url),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
