import { reportToJson } from "@opcounter/counters";
import type { Written } from "./document.ts";

/** A part of a report as JSON has it: integers past 2^53 are strings of digits. */
export function written<T extends object>(part: T): Written<T> {
  // Sound: JSON keeps all that a report holds but big integers, which are written as strings.
  return JSON.parse(reportToJson(part, 0)) as Written<T>;
}
