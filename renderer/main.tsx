import { render } from "preact";
import type { RendererApi } from "../electron/ipc/schema.js";
import type { WindowView } from "../electron/view/window-view.js";
import { Window, type View } from "./window.jsx";

/** The page's beginning: every state that the main process tells is drawn, and nothing else keeps one. */
async function start(root: HTMLElement, api: RendererApi): Promise<void> {
  let view: WindowView | undefined;
  let page: View = "overview";
  const draw = (): void => {
    if (!view) return;
    document.documentElement.dataset["theme"] = view.settings.theme;
    render(<Window view={view} page={page} onPage={open} run={api.command.run} log={api.log} />, root);
  };
  const open = (next: View): void => {
    page = next;
    draw();
  };
  // Before anything is waited for: what is told as soon as the page is loaded must find somebody who listens.
  api.view.changed((next) => {
    view = next;
    draw();
  });
  api.view.navigate(open);
  const first = await api.view.get();
  if (first.ok) view ??= first.value;
  draw();
}

const root = document.getElementById("app");
if (root) void start(root, (globalThis as unknown as { lockstep: RendererApi }).lockstep);
