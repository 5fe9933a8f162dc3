import { type Recorded, type RecordOptions, record } from "@opcounter/recorder";
import { replace } from "@opcounter/tracer/webgpu";
import { interruptible, stopped } from "../stop.ts";
import { loadProgram } from "./module.ts";

/**
 * Records a module as the program that it is: its top level, then its default export if that is a
 * function.
 *
 * @throws OpcounterError as `record` and `loadModule`.
 */
export async function recordProgram(path: string, options: RecordOptions): Promise<Recorded> {
  const program = async () => {
    const exported = (await loadProgram(path))["default"];
    if (typeof exported === "function") await interruptible(() => exported());
  };
  // Only the report goes to stdout, also where the program writes there past the console.
  const undo = replace(process.stdout, "write", process.stderr.write.bind(process.stderr));
  try {
    return await record(program, { name: path, signal: stopped, ...options });
  } finally {
    undo();
  }
}
