export * from "./builder.ts";
export * from "./errors.ts";
export * from "./graph.ts";
export * from "./json.ts";
export * from "./kernel.ts";
export * from "./types.ts";
export * from "./kernels/registry.ts";
