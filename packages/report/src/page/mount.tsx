import { effect } from "@preact/signals";
import { render } from "preact";
import type { ReportDocument } from "../document/document.ts";
import { linkAddress } from "./address.ts";
import { App } from "./app.tsx";
import { ReportModel } from "./model/report-model.ts";
import { Store, StoreProvider } from "./store.ts";
import styles from "./styles.css";

export interface MountOptions {
  /** Whether the page's address follows what is shown: `#op=42`. Default: false. */
  readonly linksAddress?: boolean;
}

/**
 * Shows a document inside an element. It stands in a shadow root, so that neither the page's styles
 * nor the report's reach the other. The element's `data-theme` is the colours that a person chose,
 * `auto`, `light` or `dark`, for a page to follow. The element should be in a landmark of the page,
 * such as its `main`.
 *
 * @returns what takes the report away again.
 * @throws TypeError where the document is none, or one of a version that this page cannot show.
 */
export function mount(
  element: HTMLElement,
  document: ReportDocument,
  options: MountOptions = {},
): () => void {
  if (document.kind !== "opcounter-report" || document.version !== 1) {
    throw new TypeError("This is no report of opcounter that this version of the page can show.");
  }
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  adoptStyles(root, element.ownerDocument);
  const store = new Store(new ReportModel(document));
  const unlink = options.linksAddress ? linkAddress(store) : undefined;
  const unfollow = effect(() => {
    element.dataset["theme"] = store.theme.value;
  });
  render(
    <StoreProvider value={store}>
      <App />
    </StoreProvider>,
    root,
  );
  return () => {
    unlink?.();
    unfollow();
    delete element.dataset["theme"];
    render(null, root);
  };
}

/** A sheet that is made by a script needs no leave of the page's content security policy. */
function adoptStyles(root: ShadowRoot, { defaultView }: Document): void {
  const sheet = new (defaultView ?? globalThis).CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
}
