/**
 * The library as one script: `<script src="opcounter.min.js">` gives the global `opcounter`, which
 * traces the page's own TensorFlow.js. It holds what a page counts with; passes, plugins and readers
 * of files are in the package alone.
 */
export { CONVENTION_NAMES, count, reportToJson } from "@opcounter/counters";
export { OpcounterError, recordingOf } from "@opcounter/ir/core";
export { closeDevices, openDevice, trace } from "@opcounter/tracer";
export { profile } from "./profile.ts";
