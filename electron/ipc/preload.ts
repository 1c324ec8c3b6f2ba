import { contextBridge, ipcRenderer, type IpcRendererEvent } from "electron";
import { ipcSchema } from "./schema.js";

/** Gives the window exactly the schema's channels as `window.lockstep`, and nothing else of Electron. */
const api = Object.fromEntries(
  Object.entries(ipcSchema).map(([channel, { direction }]): [string, unknown] => {
    switch (direction) {
      case "invoke":
        return [channel, (arg: unknown) => ipcRenderer.invoke(channel, arg)];
      case "send":
        return [channel, (arg: unknown) => ipcRenderer.send(channel, arg)];
      case "notify":
        return [channel, (listener: (arg: unknown) => void) => listen(channel, listener)];
    }
  }),
);
contextBridge.exposeInMainWorld("lockstep", api);

function listen(channel: string, listener: (arg: unknown) => void): () => void {
  const onMessage = (_event: IpcRendererEvent, arg: unknown): void => listener(arg);
  ipcRenderer.on(channel, onMessage);
  return () => ipcRenderer.removeListener(channel, onMessage);
}
