/**
 * The library as one script: `<script src="opcounter.min.js">` gives the global `opcounter`, which
 * traces the page's own TensorFlow.js. It holds what a page counts with; passes, plugins, costs
 * of the user's own and readers of files are in the package alone.
 */
export { CONVENTION_NAMES, reportToJson } from "@opcounter/counters";
export { OpcounterError, recordingOf } from "@opcounter/ir/core";
export { closeDevices, openDevice, trace } from "@opcounter/tracer";
export { attach } from "./attach.ts";
export { count } from "./count.ts";
export { profile } from "./profile.ts";
