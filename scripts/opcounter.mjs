// `npm run opcounter -- …`: sets up what is missing, then runs the command line in this process.
import { bundle, ensureBundled, ensureInstalled } from "./setup.mjs";

ensureInstalled("running");
await ensureBundled();
// npm runs scripts in the workspace's root; paths are meant from where the person is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(bundle);
