import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { BUNDLE, temporaryFolder } from "../command-line.ts";

const STATUSES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof STATUSES;

/** Programs that run until they are stopped, once they have said "ready". */
const PROGRAMS = {
  "waits for a promise": `async () => { say(); await new Promise((done) => setTimeout(done, 60_000)); }`,
  "goes on computing": `async () => { say(); for (;;) { tf.ones([3]).add(1); await new Promise((done) => setTimeout(done)); } }`,
  "never gives another a turn": `() => { say(); for (;;); }`,
};

const SLOW =
  "export default async () => { await new Promise((done) => setTimeout(done, 60_000)); };";

describe("a command that is asked to end", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  /** Starts it in a process group of its own, and asks it to end once it has printed this. */
  async function stop(args: readonly string[], signal: Signal, ready: string | Promise<unknown>) {
    const child = spawn(process.execPath, [BUNDLE, ...args], {
      cwd: folder.path,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, errors] = [collect(child.stdout), collect(child.stderr)];
    if (typeof ready === "string") {
      while (!errors.text.includes(ready) && child.exitCode === null) await pause(20);
    } else {
      await ready;
    }
    child.kill(signal);
    const asked = performance.now();
    const [code, by] = await once(child, "close");
    return {
      status: code ?? STATUSES[by as Signal],
      waited: performance.now() - asked,
      ...{ out: out.text, errors: errors.text, group: child.pid ?? Number.NaN },
    };
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    for (const [what, program] of Object.entries(PROGRAMS)) {
      it(`by ${signal} ends at once, with its children, where a program ${what} @linux`, async () => {
        const code = `import * as tf from "@tensorflow/tfjs";
          const say = () => process.stderr.write("ready\\n");
          export default () => ${program};`;
        const module = folder.write("program.ts", code);
        const args = ["profile", module, "--format", "json", "-o", "out.json"];
        const { status, waited, out, errors, group } = await stop(args, signal, "ready\n");
        expect(status).to.equal(STATUSES[signal]);
        expect(waited).to.be.lessThan(2000);
        expect([out, errors.replace(/^Running .*\n/m, "")]).to.deep.equal(["", "ready\n"]);
        expect(existsSync(join(folder.path, "out.json"))).to.equal(false);
        expect(readdirSync(folder.path)).to.deep.equal(["program.ts"]);
        expect(await isGone(group)).to.equal(true);
      });
    }
  }

  it("ends a program that is recorded, and leaves no file @linux", async () => {
    const module = folder.write(
      "webgpu.ts",
      `const adapter = await navigator.gpu.requestAdapter();
      const device = await adapter.requestDevice();
      device.queue.submit([device.createCommandEncoder().finish()]);
      process.stderr.write("ready\\n");
      export default async () => { for (;;) await new Promise((done) => setTimeout(done)); };`,
    );
    const args = ["record", module, "-o", "out.json", "--format", "json"];
    const { status, out, waited, group } = await stop(args, "SIGINT", "ready");
    expect([status, out]).to.deep.equal([130, ""]);
    expect(waited).to.be.lessThan(2000);
    expect(existsSync(join(folder.path, "out.json"))).to.equal(false);
    expect(await isGone(group)).to.equal(true);
  });

  it("ends the threads that count the zoo @linux", async () => {
    const { status, out, errors, group } = await stop(["zoo", "--table"], "SIGINT", pause(700));
    expect([status, out, errors]).to.deep.equal([130, "", ""]);
    expect(await isGone(group)).to.equal(true);
  });

  it("ends what it fetches @linux", async () => {
    let asked = () => {};
    const request = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = createServer(() => asked()).listen(0);
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/model.json`;
    const { status, out, waited } = await stop(["profile", address], "SIGINT", request);
    server.close();
    server.closeAllConnections();
    expect([status, out]).to.deep.equal([130, ""]);
    expect(waited).to.be.lessThan(2000);
  });

  it("clears its line in a terminal, and hides no cursor @linux", async () => {
    folder.write("slow.ts", SLOW);
    // script(1) makes a terminal.
    const inner = `'${process.execPath}' '${BUNDLE}' profile slow.ts & echo pid $!; wait $!; echo status $?`;
    const child = spawn("script", ["-qec", inner, "/dev/null"], { cwd: folder.path });
    const out = collect(child.stdout);
    const line = "Running slow.ts on the virtual device …";
    while (!out.text.includes(line) && child.exitCode === null) await pause(20);
    process.kill(Number(/pid (\d+)/.exec(out.text)?.[1]), "SIGTERM");
    await once(child, "close");
    expect(out.text.trimEnd().endsWith(`${line}\r\u001b[Kstatus 143`)).to.equal(true);
    expect(out.text).to.not.include("\u001b[?25l");
  });

  it("ends in time where --timeout says so, whatever the program still waits for", async () => {
    folder.write("slow.ts", SLOW);
    folder.write("program.ts", SLOW.replace("default", "default () =>"));
    const runs = ["slow.ts", "program.ts"].map(async (target) => {
      const child = spawn(process.execPath, [BUNDLE, "profile", target, "--timeout", "1"], {
        cwd: folder.path,
      });
      const errors = collect(child.stderr);
      const [status] = await once(child, "close");
      return { status, errors: errors.text };
    });
    for (const { status, errors } of await Promise.all(runs)) {
      expect(errors).to.match(/^opcounter: The program was not done after 1 s; give it longer/m);
      expect(status).to.equal(2);
    }
  });
});

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: "" };
  stream.on("data", (chunk) => {
    collected.text += String(chunk);
  });
  return collected;
}

/** Whether no process of the group runs, or none soon. */
async function isGone(group: number): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    if (!runs(group)) return true;
    await pause(50);
  }
  return false;
}

/**
 * Whether a process of the group runs. One that has ended stays, as a zombie, until the system has
 * noted it, which takes seconds in some containers.
 */
function runs(group: number): boolean {
  return readdirSync("/proc").some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const [state, , itsGroup] = statOf(entry);
    return Number(itsGroup) === group && state !== "Z";
  });
}

/** What Linux tells of a process after its name; nothing where it is gone. Source: proc(5). */
function statOf(process: string): string[] {
  try {
    const text = readFileSync(`/proc/${process}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
