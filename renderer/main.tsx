import { render } from "preact";
import type { RendererApi } from "../electron/ipc-schema.js";
import { Window, type View } from "./window.jsx";

/** The page's beginning: every state that the main process tells is drawn, and nothing else keeps one. */
async function start(root: HTMLElement, api: RendererApi): Promise<void> {
  let view = await api.getView();
  let page: View = "overview";
  const draw = (): void => {
    document.documentElement.dataset["theme"] = view.settings.theme;
    render(<Window view={view} page={page} onPage={open} run={api.command} log={api} />, root);
  };
  const open = (next: View): void => {
    page = next;
    draw();
  };
  api.viewChanged((next) => {
    view = next;
    draw();
  });
  api.navigate(open);
  draw();
}

const root = document.getElementById("app");
if (root) void start(root, (globalThis as unknown as { lockstep: RendererApi }).lockstep);
