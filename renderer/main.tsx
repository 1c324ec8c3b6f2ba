import { render } from "preact";
import type { RendererApi } from "../electron/ipc/schema.js";
import type { WindowView } from "../electron/view/window-view.js";
import { Window, type Page } from "./window.jsx";

/** Draws every view that the main process sends. Apart from the open page, no state is kept here. */
async function start(root: HTMLElement, api: RendererApi): Promise<void> {
  let view: WindowView | undefined;
  let page: Page = "overview";
  const draw = (): void => {
    if (!view) return;
    document.documentElement.dataset["theme"] = view.settings.theme;
    render(<Window view={view} page={page} onPage={open} run={api.command.run} log={api.log} />, root);
  };
  const open = (next: Page): void => {
    page = next;
    draw();
  };
  // Subscribed before the first await, since the main process sends events as soon as the page has loaded.
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
