import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Button } from "../electron/view/window-view.js";
import { useCommand, type Run } from "./button.jsx";
import { Icon } from "./glyphs.jsx";
import { WINDOW } from "./texts.js";

/** The menu with all other actions. */
export function MoreMenu({ groups, run }: { groups: readonly (readonly Button[])[]; run: Run }) {
  const [open, setOpen] = useState(false);
  const { error, start } = useCommand(run);
  const opener = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  // In a layout effect, so that the focus is set before the next key press.
  useLayoutEffect(() => {
    const items = itemsOf(menu.current);
    (items.find((item) => item.ariaDisabled !== "true") ?? items[0])?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return undefined;
    const onPointer = (event: Event): void => {
      if (!(event.target instanceof Node)) return;
      if (!menu.current?.contains(event.target) && !opener.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
      return;
    }
    const items = itemsOf(menu.current);
    const next = nextItem(items, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <div class="more">
      {error !== undefined && (
        <span class="button-error" role="alert">
          {error}
        </span>
      )}
      <button
        type="button"
        class="quiet"
        ref={opener}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={WINDOW.moreActions}
        title={WINDOW.moreActions}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div class="menu" role="menu" aria-label={WINDOW.moreActions} ref={menu} onKeyDown={onKeyDown}>
          {groups.map((group, index) => (
            <div role="group" key={index}>
              {group.map((button) => (
                <button
                  type="button"
                  role="menuitem"
                  key={button.label}
                  tabIndex={-1}
                  aria-disabled={!button.enabled}
                  onClick={() => {
                    if (!button.enabled) return;
                    close();
                    start(button.command);
                  }}
                >
                  {button.label}
                </button>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return menu ? [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")] : [];
}

/** Arrow keys wrap around, Home and End go to the ends, a letter to the next label that begins with it. */
function nextItem(items: HTMLElement[], key: string): HTMLElement | undefined {
  const now = items.findIndex((item) => item === document.activeElement);
  switch (key) {
    case "ArrowDown":
      return items[(now + 1) % items.length];
    case "ArrowUp":
      return items[(now - 1 + items.length) % items.length];
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default: {
      if (key.length !== 1) return undefined;
      const after = [...items.slice(now + 1), ...items.slice(0, now + 1)];
      return after.find((item) => item.textContent?.toLowerCase().startsWith(key.toLowerCase()));
    }
  }
}
