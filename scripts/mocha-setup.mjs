// Mocha runs this once before the tests, in however many processes it runs them.
export { ensureBundled as mochaGlobalSetup } from "./setup.mjs";
