import type { MenuItemConstructorOptions } from "electron";
import type { Command } from "../ipc/command.js";
import type { MenuItem } from "../view/menu-template.js";

/** Translates the plain menu into Electron's; a click runs the item's command, with its label for messages about it. */
export function nativeMenu(
  items: readonly MenuItem[],
  run: (command: Command, label: string) => void,
): MenuItemConstructorOptions[] {
  return items.map((item): MenuItemConstructorOptions => {
    switch (item.kind) {
      case "separator":
        return { type: "separator" };
      case "text":
        return { label: item.label, enabled: false };
      case "action":
        return { label: item.label, enabled: item.enabled, click: () => run(item.command, item.label) };
      case "check":
        return {
          type: "checkbox",
          label: item.label,
          checked: item.checked,
          click: () => run(item.command, item.label),
        };
      case "radio":
        return { type: "radio", label: item.label, checked: item.checked, click: () => run(item.command, item.label) };
      case "submenu":
        return { label: item.label, submenu: nativeMenu(item.items, run) };
    }
  });
}
