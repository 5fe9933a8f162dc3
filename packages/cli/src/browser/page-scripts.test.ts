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
});
