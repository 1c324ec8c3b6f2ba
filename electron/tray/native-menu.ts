import type { MenuItemConstructorOptions } from "electron";
import type { Command } from "../ipc/command.js";
import type { MenuItem } from "../view/menu-template.js";

/** Electron's menu out of the plain one. Pure but for what a click does. */
export function nativeMenu(items: readonly MenuItem[], run: (command: Command) => void): MenuItemConstructorOptions[] {
  return items.map((item): MenuItemConstructorOptions => {
    switch (item.kind) {
      case "separator":
        return { type: "separator" };
      case "text":
        return { label: item.label, enabled: false };
      case "action":
        return { label: item.label, enabled: item.enabled, click: () => run(item.command) };
      case "check":
        return { type: "checkbox", label: item.label, checked: item.checked, click: () => run(item.command) };
      case "radio":
        return { type: "radio", label: item.label, checked: item.checked, click: () => run(item.command) };
      case "submenu":
        return { label: item.label, submenu: nativeMenu(item.items, run) };
    }
  });
}
