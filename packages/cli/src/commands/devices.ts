import { DEVICE_SPECS } from "@opcounter/counters";
import { type Command, Option } from "commander";
import { DEVICES_FORMATS, type DevicesFormatName } from "../render/devices.ts";
import { styleFor } from "../render/style.ts";
import { writeResult } from "./program.ts";

interface DevicesOptions {
  readonly format: DevicesFormatName;
  readonly output?: string;
}

/** Adds `opcounter devices`. */
export function addDevicesCommand(program: Command): void {
  program
    .command("devices")
    .description("List the devices that --device-spec knows, with the source of their figures")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(DEVICES_FORMATS))
        .default("text"),
    )
    .option("-o, --output <file>", "write the result to a file")
    .exitOverride()
    .action(({ format, output }: DevicesOptions) => {
      writeResult(DEVICES_FORMATS[format](DEVICE_SPECS, styleFor(output).width), output);
    });
}
