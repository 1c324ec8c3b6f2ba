import type { Store } from "../model/store.js";
import type { AppWindow } from "../window/window.js";
import { showError } from "./app-end.js";
import { errorText } from "./error-text.js";

/**
 * Shows an error that has no place of its own: a menu, for instance, can't show one. The window opens with it as a banner;
 * if the window can't be shown either, a dialog says both. Never throws.
 */
export function presenter(store: Pick<Store, "dispatch">, window: Pick<AppWindow, "show">) {
  return (title: string, error: unknown): void => {
    console.error(`${title}: ${errorText(error)}`);
    store.dispatch({ about: "app", type: "notice", notice: { tone: "bad", title, text: errorText(error) } });
    window.show().catch((why: unknown) => void showError(title, `${errorText(error)}\n\n${errorText(why)}`));
  };
}
