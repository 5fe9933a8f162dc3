// Mocha runs this once before the tests, in however many processes it runs them.
export { ensureBundled as mochaGlobalSetup } from "./setup.mjs";

export const mochaHooks = {
  /** After each file: the weights of its models would stay, which `sparsity` then counts zeros in. */
  afterAll() {
    globalThis._tfengine?.disposeVariables();
  },
};
