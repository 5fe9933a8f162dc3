import { Fragment } from "preact";
import { useStore } from "./store.ts";

/** The scopes from the root to one, each to climb to. */
export function ScopePath({ scope, onPick }: { scope: number; onPick: (scope: number) => void }) {
  const { model } = useStore();
  const path = model.scopesAround(scope);
  return (
    <nav class="path" aria-label="Scopes around">
      {path.map((at, depth) => (
        <Fragment key={at}>
          {depth > 0 && (
            <span class="slash" aria-hidden="true">
              /
            </span>
          )}
          <button
            type="button"
            class="link"
            aria-current={at === scope ? "location" : undefined}
            onClick={() => onPick(at)}
          >
            {model.scopeName(at)}
          </button>
        </Fragment>
      ))}
    </nav>
  );
}
