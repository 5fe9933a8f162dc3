import { DEVICE_SPECS, reportToJson } from "@opcounter/counters";
import { type Command, Option } from "commander";
import { renderDevices } from "../render/devices.ts";
import { styleFor } from "../render/style.ts";
import { writeResult } from "./program.ts";

/** Adds `opcounter devices`. */
export function addDevicesCommand(program: Command): void {
  program
    .command("devices")
    .description("List the devices that --device-spec knows, with the source of their figures")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json"])
        .default("text"),
    )
    .exitOverride()
    .action(({ format }: { readonly format: "text" | "json" }) => {
      const text =
        format === "json"
          ? reportToJson(DEVICE_SPECS)
          : renderDevices(DEVICE_SPECS, styleFor(undefined).width);
      writeResult(text, undefined);
    });
}
