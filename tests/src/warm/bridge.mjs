// A thread that has `server.mjs` run the command line, so that a test, which waits without turning
// its event loop, gets the outcome as from `spawnSync`. No TypeScript: its loader would wait for the
// test.
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { workerData } from "node:worker_threads";
import { testFlags } from "../../../scripts/test-flags.cjs";

const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));
/** What no command prints: the server says with it that a run is over. */
const END = randomUUID();

const { bundle, port, given } = workerData;
let server;

port.on("message", (run) => {
  server ??= startServer();
  server.run(run, (outcome) => {
    port.postMessage(outcome);
    Atomics.add(given, 0, 1);
    Atomics.notify(given, 0);
  });
});

function startServer() {
  const child = fork(SERVER, [bundle, END], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: testFlags.map((flag) => `--${flag}`),
  });
  const printed = { stdout: "", stderr: "" };
  let tell;
  const done = (outcome) => {
    tell?.(outcome);
    // It may end once more, by itself.
    tell = undefined;
  };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
      const [stdout, afterEnd] = printed.stdout.split(END);
      const [stderr, status, afterStatus] = printed.stderr.split(END);
      if (afterEnd === undefined || afterStatus === undefined) return;
      done({ status: Number(status), stdout, stderr });
    });
  }
  child.on("close", (status) => {
    server = undefined;
    done({ status, ...printed });
  });
  const run = (asked, whenDone) => {
    Object.assign(printed, { stdout: "", stderr: "" });
    tell = whenDone;
    child.send(asked);
  };
  return { run };
}
