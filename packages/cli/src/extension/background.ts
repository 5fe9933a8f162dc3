/// <reference types="chrome" />

/**
 * The browser extension. A press on its button puts the panel of `attach()` on the page, or takes
 * it away. The panel's script runs in the page's own world, where TensorFlow.js is; a page's content
 * security policy does not hold for what an extension puts there.
 */
chrome.action.onClicked.addListener(async ({ id: tabId }) => {
  if (tabId === undefined) return;
  const error = await toggle(tabId).catch(String);
  await chrome.action.setBadgeText({ tabId, text: error === "" ? "" : "!" });
  const { default_title: usual = "opcounter" } = chrome.runtime.getManifest().action ?? {};
  await chrome.action.setTitle({ tabId, title: error || usual });
});

/** Resolves to one sentence on what went wrong; empty where nothing did. */
async function toggle(tabId: number): Promise<string> {
  const page = { target: { tabId }, world: "MAIN" } as const;
  const [closed] = await chrome.scripting.executeScript({ ...page, func: closePanel });
  if (closed?.result === true) return "";
  await chrome.scripting.executeScript({ ...page, files: ["opcounter.overlay.min.js"] });
  const [attached] = await chrome.scripting.executeScript({ ...page, func: attachPanel });
  return attached?.result ?? "";
}

// The two below run in the page, so they use nothing else of this file.

function closePanel(): boolean {
  const panel = document.querySelector("opcounter-panel");
  panel?.dispatchEvent(new Event("close"));
  return panel !== null;
}

function attachPanel(): string {
  // Sound: the overlay's script set it.
  const overlay = Reflect.get(
    globalThis,
    "opcounterOverlay",
  ) as typeof import("../overlay/overlay.ts");
  Reflect.deleteProperty(globalThis, "opcounterOverlay");
  try {
    overlay.attach();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
