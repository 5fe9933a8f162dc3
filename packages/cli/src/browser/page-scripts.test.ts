import { expect } from "chai";
import type { BrowserPage } from "./browser-page.ts";
import type { DevToolsEvent, Fields } from "./devtools.ts";
import { PageScripts } from "./page-scripts.ts";

/** A page with a worker, in which a script fails so many times. */
function pageWithWorker(failures: number) {
  const sent: string[] = [];
  let listener: (event: DevToolsEvent) => void = () => {};
  let ran = () => {};
  const hasRun = new Promise<void>((resolve) => {
    ran = resolve;
  });
  const page: Pick<BrowserPage, "session" | "listen" | "send"> = {
    session: "page",
    listen(given) {
      listener = given;
    },
    async send(method, { expression } = {}, session): Promise<Fields> {
      if (session === "worker") sent.push(method);
      if (method !== "Runtime.evaluate") return {};
      if (expression !== "watch()") return { result: { value: expression } };
      const isOver = sent.filter((each) => each === method).length > failures;
      if (isOver) ran();
      return isOver ? {} : { exceptionDetails: { text: "setInterval is not defined" } };
    },
  };
  const begin = () => {
    const targetInfo = { type: "worker" };
    const params = { sessionId: "worker", targetInfo };
    listener({ method: "Target.attachedToTarget", params, sessionId: "page" });
  };
  // Sound: PageScripts uses these members alone.
  return { page: page as BrowserPage, sent, hasRun, begin };
}

/** A page with a frame and a worker, of which some never answer. */
async function scriptsWithSilent(silent: readonly string[]) {
  let listener: (event: DevToolsEvent) => void = () => {};
  const page: Pick<BrowserPage, "session" | "listen" | "send"> = {
    session: "page",
    listen(given) {
      listener = given;
    },
    async send(method, _, session = "page"): Promise<Fields> {
      if (method !== "Runtime.evaluate") return {};
      if (silent.includes(session)) return new Promise(() => {});
      return { result: { value: session } };
    },
  };
  // Sound: PageScripts uses these members alone.
  const scripts = await PageScripts.add(page as BrowserPage, "watch()");
  for (const sessionId of ["page", "frame", "worker"]) {
    const method = "Runtime.executionContextCreated";
    listener({ method, params: { context: { id: 1 } }, sessionId });
  }
  return scripts;
}

describe("a script in the pages and workers of a browser", () => {
  it("runs in a worker before its own script, and again until it can: timers come late", async () => {
    for (const failures of [0, 1, 5]) {
      const { page, sent, hasRun, begin } = pageWithWorker(failures);
      await PageScripts.add(page, "watch()");
      begin();
      await hasRun;
      expect(sent).to.deep.equal([
        ...["Runtime.enable", "Target.setAutoAttach", "Runtime.evaluate"],
        "Runtime.runIfWaitingForDebugger",
        ...Array.from({ length: failures }, () => "Runtime.evaluate"),
      ]);
    }
  });

  it("is asked in every scope, of which a worker or frame may not answer", async () => {
    const all = await (await scriptsWithSilent([])).evaluate("passes()", 1);
    expect(all).to.deep.equal({ values: ["page", "frame", "worker"], late: undefined, notes: [] });
    const some = await (await scriptsWithSilent(["worker"])).evaluate("passes()", 0.01);
    expect(some.values).to.deep.equal(["page", "frame"]);
    expect(some.late?.message).to.match(/^The page does not answer within 0\.01 seconds; /);
    expect(some.notes).to.deep.equal([
      "1 worker or frame of the page gave no answer within 0.01 seconds: what runs there is not recorded.",
    ]);
  });

  it("is late where the page itself does not answer", async () => {
    const asked = (await scriptsWithSilent(["page", "worker"])).evaluate("passes()", 0.01);
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).to.match(/The page does not answer within 0\.01 seconds; /);
  });
});
