import { useEffect, useRef } from "preact/hooks";
import type { State } from "./app.tsx";

/** What is being done, or what went wrong. Read aloud as it changes. */
export function Status({ state, onStop }: { readonly state: State; readonly onStop: () => void }) {
  const line = useRef<HTMLDivElement>(null);
  const { kind } = state;
  useEffect(() => {
    if (kind !== "idle") line.current?.scrollIntoView({ block: "nearest" });
  }, [kind]);
  return (
    <div
      ref={line}
      class="status"
      data-state={state.kind}
      role={state.kind === "failed" ? "alert" : "status"}
    >
      {state.kind === "running" && (
        <>
          <progress aria-label="Profiling" />
          <span class="what">{state.what} …</span>
          <button type="button" onClick={onStop}>
            Stop
          </button>
        </>
      )}
      {state.kind === "failed" && <span class="what">{state.sentence}</span>}
    </div>
  );
}
