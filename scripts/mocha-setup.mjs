// Mocha runs this once before the tests, in however many processes it runs them.
import { pathToFileURL } from "node:url";
import loading from "mocha/lib/nodejs/esm-utils.cjs";

export { ensureBundled as mochaGlobalSetup } from "./setup.mjs";

/**
 * Mocha requires a file before it imports it. Where both fail it tells why `require` did, which of
 * TypeScript is a syntax error at a type, whatever the file's own error is.
 */
loading.requireOrImport = (file) => import(pathToFileURL(file).href);

export const mochaHooks = {
  /** After each file: the weights of its models would stay, which `sparsity` then counts zeros in. */
  afterAll() {
    globalThis._tfengine?.disposeVariables();
  },
};
