// The package's entry for Node is CommonJS that its `type` calls a module, so that Node cannot load
// it; this file of the package is what its entry for bundlers is, and has the same names.
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
