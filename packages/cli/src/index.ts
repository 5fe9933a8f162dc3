/** Everything opcounter does, for programs: in Node, in a browser, in a worker. */
export * from "@opcounter/counters";
export * from "@opcounter/ir";
export * from "@opcounter/tracer";
export { definePlugin, type Plugin } from "./plugin.ts";
export { type ProfileOptions, profile } from "./profile.ts";
