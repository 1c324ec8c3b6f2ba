import { homedir } from "node:os";

import type { ServerConfig } from "../../config/server-config.js";
import type { OpenChannel } from "./channel.js";
import { signalGroup } from "./process-group.js";
import { redactor } from "../../config/secrets/redactor.js";

export interface HostedChild {
  name: string;
  /** Also its process group's number. */
  pid: number;
}

/** Opens channels to configured servers, and keeps a list of every process group that it started. */
export class ChannelOpener {
  readonly #environment: () => Promise<Record<string, string>>;
  readonly #ready: Promise<unknown> | undefined;
  readonly #onChildrenChanged: (children: HostedChild[]) => void;
  readonly #children = new Map<number, string>();

  /** Nothing is started before `ready` has settled. */
  constructor(
    environment: () => Promise<Record<string, string>>,
    ready: Promise<unknown> | undefined,
    onChildrenChanged: (children: HostedChild[]) => void,
  ) {
    this.#environment = environment;
    this.#ready = ready;
    this.#onChildrenChanged = onChildrenChanged;
  }

  get children(): HostedChild[] {
    return [...this.#children].map(([pid, name]) => ({ pid, name }));
  }

  /** Opens channels to one server. The modules that a kind of server needs are loaded when the first one is started. */
  opener(name: string, config: ServerConfig): OpenChannel {
    return async (handlers) => {
      await this.#ready;
      switch (config.kind) {
        case "stdio": {
          const { openStdioProcess } = await import("./stdio-process.js");
          const env = { ...(await this.#environment()), ...config.env };
          const { command, args } = config;
          const cwd = config.cwd ?? homedir();
          const onSpawn = (pid: number): void => this.#setChild(pid, name);
          const onGone = (pid: number): void => this.#setChild(pid, undefined);
          return openStdioProcess({ name, command, args, env, cwd, onSpawn, onGone }, handlers);
        }
        case "url": {
          const { openHttpChannel } = await import("./http-channel.js");
          const { url, headers, transport } = config;
          const env = await this.#environment();
          return openHttpChannel({ name, url, headers, transport, env, redact: redactor(config) }, handlers);
        }
      }
    };
  }

  /** Kills every process group at once. */
  kill(): void {
    for (const pid of this.#children.keys()) signalGroup(pid, "SIGKILL");
  }

  #setChild(pid: number, name: string | undefined): void {
    if (name === undefined) this.#children.delete(pid);
    else this.#children.set(pid, name);
    this.#onChildrenChanged(this.children);
  }
}
