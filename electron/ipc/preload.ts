import { contextBridge, ipcRenderer, type IpcRendererEvent } from "electron";
import { channelsOf, ipcSchema, type Direction } from "./schema.js";

/** Gives the window exactly the schema's messages as `window.lockstep`, and nothing else of Electron. */
const api: Record<string, Record<string, unknown>> = {};
for (const { group, name, channel, direction } of channelsOf(ipcSchema)) {
  (api[group] ??= {})[name] = callOf(channel, direction);
}
contextBridge.exposeInMainWorld("lockstep", api);

function callOf(channel: string, direction: Direction): unknown {
  switch (direction) {
    case "invoke":
      return (arg: unknown) => ipcRenderer.invoke(channel, arg);
    case "send":
      return (arg: unknown) => ipcRenderer.send(channel, arg);
    case "notify":
      return (listener: (arg: unknown) => void) => listen(channel, listener);
  }
}

function listen(channel: string, listener: (arg: unknown) => void): () => void {
  const onMessage = (_event: IpcRendererEvent, arg: unknown): void => listener(arg);
  ipcRenderer.on(channel, onMessage);
  return () => ipcRenderer.removeListener(channel, onMessage);
}
