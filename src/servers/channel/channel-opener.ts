import { statSync } from "node:fs";

import type { ServerConfig } from "../../config/server-config.js";
import { FAMILY_VARIABLE, familyValue, markerOf, membersOf, signalMembers, type Family } from "../../state/family.js";
import { existingProgram } from "../../state/platform/own-program.js";
import { readProcessTable } from "../../state/platform/process-table.js";
import { processStartTime } from "../../state/platform/processes.js";
import { truncated } from "../../text/truncate.js";
import type { OpenChannel } from "./channel.js";
import { redactor } from "../../config/secrets/redactor.js";

/** A process that was started, until it and everything that it has started are gone. */
export interface HostedChild {
  name: string;
  /** Also its process group's number. */
  pid: number;
  /** As `processStartTime` has it; undefined if it had ended before that could be read. */
  startTime: string | undefined;
  /** The value of FAMILY_VARIABLE in its environment. */
  family: string;
}

/** Opens channels to configured servers, and keeps a list of every process that it started. */
export class ChannelOpener {
  readonly #stateDir: string;
  readonly #environment: () => Promise<Record<string, string>>;
  readonly #ready: Promise<unknown> | undefined;
  readonly #onChildrenChanged: (children: HostedChild[]) => void;
  readonly #children = new Map<string, HostedChild>();
  #isKilled = false;

  /** Nothing is started before `ready` has settled. */
  constructor(
    stateDir: string,
    environment: () => Promise<Record<string, string>>,
    ready: Promise<unknown> | undefined,
    onChildrenChanged: (children: HostedChild[]) => void,
  ) {
    this.#stateDir = stateDir;
    this.#environment = environment;
    this.#ready = ready;
    this.#onChildrenChanged = onChildrenChanged;
  }

  get children(): HostedChild[] {
    return [...this.#children.values()];
  }

  /** Opens channels to one server. The modules that a kind of server needs are loaded when the first one is started. */
  opener(name: string, config: ServerConfig): OpenChannel {
    return async (handlers) => {
      await this.#ready;
      switch (config.kind) {
        case "stdio": {
          const { openStdioProcess } = await import("./stdio-process.js");
          const env: Record<string, string> = { ...(await this.#environment()), ...config.env };
          this.#requireLife(name);
          const { args } = config;
          const command = existingProgram(config.command);
          const cwd = config.cwd ?? (isDirectory(env["HOME"]) ? env["HOME"] : this.#stateDir);
          const family = familyValue(this.#stateDir, randomId());
          const onSpawn = (pid: number): Family => this.#add(name, pid, family);
          const onGone = (): void => this.#remove(family);
          env[FAMILY_VARIABLE] = family;
          return openStdioProcess({ name, command, args, env, cwd, onSpawn, onGone }, handlers);
        }
        case "url": {
          const redact = redactor(config);
          const shown = (text: string): string => truncated(redact(text), SHOWN_CHARACTERS);
          const { openHttpChannel } = await import("./http/http-channel.js");
          const { url, headers, transport } = config;
          const env = await this.#environment();
          this.#requireLife(name);
          return openHttpChannel({ name, url, headers, transport, env, redact: shown }, handlers);
        }
      }
    };
  }

  /** Kills every process at once, with all that they have started. */
  kill(): void {
    this.#isKilled = true;
    if (this.#children.size === 0) return;
    const table = readProcessTable();
    for (const child of this.#children.values()) signalMembers(membersOf(familyOf(child), table), "SIGKILL");
  }

  /** A server whose environment was still being read when all were killed would outlive the daemon. */
  #requireLife(name: string): void {
    if (this.#isKilled) throw new Error(`${name} is not started, since the daemon ends`);
  }

  #add(name: string, pid: number, family: string): Family {
    const child: HostedChild = { name, pid, startTime: processStartTime(pid), family };
    this.#children.set(family, child);
    this.#onChildrenChanged(this.children);
    if (this.#isKilled) this.kill();
    return familyOf(child);
  }

  #remove(family: string): void {
    this.#children.delete(family);
    this.#onChildrenChanged(this.children);
  }
}

/** How much is shown of a remote server's error. */
const SHOWN_CHARACTERS = 600;

/** Service users and sandboxes may have a home directory that does not exist. */
function isDirectory(path: string | undefined): path is string {
  return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function familyOf({ pid, startTime, family }: HostedChild): Family {
  return { leader: startTime === undefined ? undefined : { pid, startTime }, marker: markerOf(family) };
}

function randomId(): string {
  return `${process.pid}.${process.getBuiltinModule("node:crypto").randomUUID()}`;
}
