import { effect, type ReadonlySignal } from "@preact/signals";
import { type ComponentChild, render } from "preact";
import type { ComparisonDocument } from "../document/comparison-document.ts";
import type { ReportDocument } from "../document/document.ts";
import { linkAddress } from "./address.ts";
import { App } from "./app.tsx";
import { ComparisonApp } from "./comparison/comparison-app.tsx";
import { ComparisonProvider, ComparisonStore } from "./comparison/comparison-store.ts";
import { ReportModel } from "./model/report-model.ts";
import { Store, StoreProvider } from "./store.ts";
import styles from "./styles.css";
import type { Theme } from "./themes.tsx";

export interface MountOptions {
  /** Whether the page's address follows what is shown: `#op=42`. Default: false. */
  readonly linksAddress?: boolean;
}

/**
 * Shows a document inside an element: a report, or what differs between two. It stands in a shadow
 * root, so that neither the page's styles nor its own reach the other. The element's `data-theme` is
 * the colours that a person chose, `auto`, `light` or `dark`, for a page to follow. The element
 * should be in a landmark of the page, such as its `main`.
 *
 * @returns what takes the report away again.
 * @throws TypeError where the document is none, or one of a version that this page cannot show.
 */
export function mount(
  element: HTMLElement,
  document: ReportDocument | ComparisonDocument,
  options: MountOptions = {},
): () => void {
  if (!KINDS.has(document.kind) || document.version !== 1) {
    throw new TypeError("This is no report of opcounter that this version of the page can show.");
  }
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  adoptStyles(root, element.ownerDocument);
  const { app, link, theme } =
    document.kind === "opcounter-report" ? reportApp(document) : comparisonApp(document);
  const unlink = options.linksAddress ? link() : undefined;
  const unfollow = effect(() => {
    element.dataset["theme"] = theme.value;
  });
  render(app, root);
  return () => {
    unlink?.();
    unfollow();
    delete element.dataset["theme"];
    render(null, root);
  };
}

const KINDS: ReadonlySet<string> = new Set(["opcounter-report", "opcounter-comparison"]);

/** What is drawn, and what keeps the page's address equal to it. */
interface Shown {
  readonly app: ComponentChild;
  readonly link: () => () => void;
  readonly theme: ReadonlySignal<Theme>;
}

function reportApp(document: ReportDocument): Shown {
  const store = new Store(new ReportModel(document));
  const app = (
    <StoreProvider value={store}>
      <App />
    </StoreProvider>
  );
  return { app, link: () => linkAddress(store), theme: store.theme };
}

function comparisonApp(document: ComparisonDocument): Shown {
  const store = new ComparisonStore(document);
  const app = (
    <ComparisonProvider value={store}>
      <ComparisonApp />
    </ComparisonProvider>
  );
  return { app, link: () => store.linkAddress(), theme: store.theme };
}

/** A sheet that is made by a script needs no leave of the page's content security policy. */
function adoptStyles(root: ShadowRoot, { defaultView }: Document): void {
  const sheet = new (defaultView ?? globalThis).CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
}
