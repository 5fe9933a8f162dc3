import type { ReportDocument } from "@opcounter/report";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Client, Stopped } from "./client.ts";
import { DropZone } from "./drop-zone.tsx";
import { type Named, Pickers } from "./pickers.tsx";
import { Report } from "./report.tsx";
import { linkOf, type Run, runOfLink, type Source } from "./run.ts";
import { type Settings, SettingsLine } from "./settings.tsx";
import { Share } from "./share.tsx";
import { Status } from "./status.tsx";

/** What the page is at. */
export type State =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly what: string }
  | { readonly kind: "failed"; readonly sentence: string }
  | { readonly kind: "done"; readonly run: Run; readonly document: ReportDocument };

const NOTHING: Named = { zoo: "mobilenet_v2", address: "" };
const USUAL: Settings = { device: "virtual", shapes: "" };

export function App() {
  const client = useMemo(() => new Client(), []);
  const { state, shown, start, open, stop } = useRuns(client);
  const [named, setNamed] = useState<Named>(NOTHING);
  const [settings, setSettings] = useState<Settings>(USUAL);
  useLinks(shown, (run) => {
    setNamed(run === undefined ? NOTHING : namedBy(run.source));
    setSettings(run === undefined ? USUAL : { device: run.device, shapes: run.shapes });
    open(run);
  });
  const choose = (source: Source) => start({ source, ...settings });
  const isDone = state.kind === "done";
  return (
    <>
      <div class={isDone ? "picking done" : "picking"}>
        <header>
          <h1>opcounter</h1>
          <p>
            What a TensorFlow.js model costs: parameters, MACs, FLOPs, memory and dispatches, op by
            op.
          </p>
        </header>
        <main>
          <Pickers named={named} onName={setNamed} onChoose={choose} />
          <SettingsLine settings={settings} onChange={setSettings} />
          <Status state={state} onStop={stop} />
          {isDone && <Share client={client} run={state.run} document={state.document} />}
          {state.kind === "idle" && (
            <p class="about">
              One pass of the model is recorded on TensorFlow.js's WebGPU backend and counted op by
              op; the report switches between the rules of every convention. The virtual device
              needs no GPU. All of it happens in this page, without a server.
            </p>
          )}
        </main>
      </div>
      {isDone && <Report document={state.document} />}
      <DropZone onFiles={(files) => choose({ kind: "files", files })} />
    </>
  );
}

/** What the fields show of a source. */
function namedBy(source: Source): Named {
  if (source.kind === "zoo") return { ...NOTHING, zoo: source.name };
  return source.kind === "address" ? { ...NOTHING, address: source.address } : NOTHING;
}

/** The run that goes on, or that is shown. */
function useRuns(client: Client) {
  const [state, setState] = useState<State>({ kind: "idle" });
  /** What the page's address asks for, as far as it was followed. */
  const shown = useRef("");
  const open = useCallback(
    async (run: Run | undefined) => {
      client.stop();
      if (run === undefined) return setState({ kind: "idle" });
      setState({ kind: "running", what: "Starting" });
      try {
        const found = await client.profile(run, (what) =>
          setState((now) => (now.kind === "running" ? { kind: "running", what } : now)),
        );
        document.title = `${found.model} – opcounter`;
        setState({ kind: "done", run, document: found });
      } catch (error) {
        if (error instanceof Stopped) return;
        const sentence = error instanceof Error ? error.message : String(error);
        setState({ kind: "failed", sentence });
      }
    },
    [client],
  );
  const start = (run: Run) => {
    // The convention that was chosen in the last report is the next one's.
    const convention = new URLSearchParams(location.hash.slice(1)).get("convention");
    const hash = convention === null ? "" : `#convention=${convention}`;
    history.pushState(null, "", `${linkOf(run) ?? location.pathname}${hash}`);
    shown.current = location.search;
    return open(run);
  };
  const stop = () => {
    client.stop();
    setState({ kind: "idle" });
  };
  return { state, shown, start, open, stop };
}

/** Opens what the page's address names, at first and when a person goes back or forth. */
function useLinks(shown: { current: string }, open: (run: Run | undefined) => void): void {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const follow = () => {
      shown.current = location.search;
      latest.current(runOfLink(location.search));
    };
    // What comes after # is the report's, and a change there is no other run.
    const onPopState = () => {
      if (location.search !== shown.current) follow();
    };
    if (location.search !== "") follow();
    addEventListener("popstate", onPopState);
    return () => removeEventListener("popstate", onPopState);
  }, [shown]);
}
