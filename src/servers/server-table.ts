import type { Problem } from "../config/problem.js";
import type { ServerConfig } from "../config/server-config.js";
import type { LoadedServers } from "../config/load-servers.js";
import type { ServerStatus } from "../wire/control.js";
import { serverUnavailable, serverUnknown, type Refusal } from "../mcp/refusals.js";
import type { ServerLog } from "./server-log.js";
import { ConfiguredServer, type ConfiguredServerOptions } from "./configured-server.js";
import { watchPath } from "./environment/watch-path.js";

export interface ServerTableOptions extends ServerLog {
  /** `servers.json`, whether or not it exists. */
  path: string;
  read(): Promise<LoadedServers>;
  /** Variables were missing when the file was read, which may be there now. */
  isIncomplete(): boolean;
  serverOptions(name: string): ConfiguredServerOptions;
  onChanged: () => void;
  /** Servers were added or removed, after the first reading. */
  onMembersChanged: () => void;
}

/** The configured servers by name, as `servers.json` has them. It is read when it is first needed, and watched from then on. */
export class ServerTable {
  readonly #options: ServerTableOptions;
  readonly #servers = new Map<string, ConfiguredServer>();
  /** Servers that are no longer configured and have not ended yet. */
  readonly #leaving = new Set<[name: string, server: ConfiguredServer]>();
  /** The problems of entries that cannot be used, by name. */
  #invalid = new Map<string, string>();
  /** Why nothing in the file can be used. */
  #fileProblem: string | undefined;
  #text: string | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #isStopped = false;
  #improving: Promise<void> | undefined;
  #applied: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => undefined;
  /** The `envFile`s of the entries, with what ends the watch of each. */
  readonly #envFiles = new Map<string, () => void>();
  #loggedProblems = "";

  constructor(options: ServerTableOptions) {
    this.#options = options;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** False when `load` may change what is known of this server. */
  isLoadedFor(name: string): boolean {
    return this.#isLoaded && !this.#mayImprove(name);
  }

  /**
   * Reads the file once and watches it from then on. Reads it again for a server whose entry could not be used because a
   * variable was missing. Never rejects.
   */
  load(name?: string): Promise<void> {
    this.#loading ??= this.#loadFirst();
    if (name === undefined || !this.#isLoaded || !this.#mayImprove(name)) return this.#loading;
    this.#improving ??= this.#apply(true).then(() => {
      this.#improving = undefined;
    });
    return this.#improving;
  }

  /** Reads the file again. Servers whose entry has not changed keep running. */
  async reload(): Promise<void> {
    if (this.#loading === undefined) return this.load();
    await this.#apply(true);
  }

  /** A configured server, or the answer to requests for it. */
  find(name: string): ConfiguredServer | Refusal {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    const problem = this.#invalid.get(name);
    if (problem !== undefined) return serverUnavailable(name, `The server "${name}" cannot be used: ${problem}`);
    const { path } = this.#options;
    if (this.#fileProblem !== undefined)
      return serverUnavailable(name, `servers.json cannot be used. Fix this first: ${path}${this.#fileProblem}`);
    return serverUnknown(name, [...this.#servers.keys()]);
  }

  /** The text of the file that is in force; undefined when there is none. */
  get text(): string | undefined {
    return this.#text;
  }

  /** Why nothing in the file can be used, with path, line and column; undefined if it can. */
  get fileProblem(): string | undefined {
    return this.#fileProblem === undefined ? undefined : `${this.#options.path}${this.#fileProblem}`;
  }

  get servers(): ReadonlyMap<string, ConfiguredServer> {
    return this.#servers;
  }

  /** All configured servers, and those that are no longer configured and have not ended yet. */
  *everyServer(): Iterable<[name: string, server: ConfiguredServer]> {
    yield* this.#servers;
    yield* this.#leaving;
  }

  status(): ServerStatus[] {
    const configured = [...this.#servers.values()].map((server) => server.status());
    const invalid = [...this.#invalid].map(([name, problem]): ServerStatus => {
      const never = { pid: null, version: null, sessions: 0, calls: 0, errors: 0, lastUsedAt: null };
      return { name, state: "invalid", ...never, problem };
    });
    return [...configured, ...invalid];
  }

  /** Ends the reading and watching of the file. */
  stop(): void {
    this.#isStopped = true;
    this.#stopWatching();
    this.#watchEnvFiles([]);
  }

  async #loadFirst(): Promise<void> {
    // Watched before it is read, so that no change is missed in between.
    if (!this.#isStopped) this.#stopWatching = watchPath(this.#options.path, () => void this.#apply(false));
    await this.#apply(true);
    this.#isLoaded = true;
    for (const server of this.#servers.values()) server.startEagerly();
    this.#options.onChanged();
  }

  #mayImprove(name: string): boolean {
    return this.#invalid.has(name) && this.#options.isIncomplete();
  }

  /** Readings follow one another, since the older of two could end last. */
  #apply(evenIfEqual: boolean): Promise<void> {
    this.#applied = this.#applied
      .then(() => this.#readAndApply(evenIfEqual))
      .catch((error: unknown) => this.#options.log("error", "servers", `${this.#options.path}: ${String(error)}`));
    return this.#applied;
  }

  async #readAndApply(evenIfEqual: boolean): Promise<void> {
    const { path, log } = this.#options;
    const loaded = await this.#options.read();
    if (this.#isStopped || (!evenIfEqual && loaded.text === this.#text && !loaded.unreadable)) return;
    this.#text = loaded.text;
    // What was written before the watch began is seen by reading once more.
    if (this.#watchEnvFiles(loaded.envFiles)) void this.#apply(true);
    const problems = loaded.problems.map(describe).join("\n");
    if (problems !== this.#loggedProblems) {
      for (const problem of loaded.problems) {
        log(problem.severity === "error" ? "error" : "warn", "servers", `${path}${describe(problem)}`);
      }
    }
    this.#loggedProblems = problems;
    this.#fileProblem = loaded.unreadable ? loaded.problems.map(describe).join("; ") : undefined;
    if (loaded.unreadable) {
      if (this.#isLoaded) log("warn", "servers", `${path} cannot be used, so the servers stay as they were`);
      return;
    }
    this.#invalid = invalidOf(loaded);
    const gone = [...this.#servers].filter(([name]) => !loaded.servers.has(name));
    const isAnyNew = [...loaded.servers.keys()].some((name) => !this.#servers.has(name));
    for (const entry of gone) this.#remove(entry);
    for (const [name, config] of loaded.servers) this.#put(name, config);
    this.#options.onChanged();
    if (this.#isLoaded && (isAnyNew || gone.length > 0)) this.#options.onMembersChanged();
  }

  /** True if a file was not watched before. */
  #watchEnvFiles(files: readonly string[]): boolean {
    const added = files.filter((file) => !this.#envFiles.has(file));
    for (const [file, stop] of this.#envFiles) {
      if (files.includes(file)) continue;
      stop();
      this.#envFiles.delete(file);
    }
    for (const file of added)
      this.#envFiles.set(
        file,
        watchPath(file, () => void this.#apply(true)),
      );
    return added.length > 0;
  }

  #put(name: string, config: ServerConfig): void {
    const server = this.#servers.get(name);
    if (server === undefined) {
      const added = new ConfiguredServer(config, this.#options.serverOptions(name));
      this.#servers.set(name, added);
      if (this.#isLoaded) added.startEagerly();
    } else if (!isSame(server.config, config)) {
      this.#options.log("info", "servers", `${name} is restarted, since its entry changed`);
      server.restart(`The server "${name}" was restarted, since its entry in servers.json changed.`, config);
    }
  }

  #remove(entry: [name: string, server: ConfiguredServer]): void {
    const [name, server] = entry;
    this.#options.log("info", "servers", `${name} is no longer configured`);
    this.#servers.delete(name);
    this.#leaving.add(entry);
    void server.remove(REMOVAL_GRACE_MS, `The server "${name}" was removed from servers.json.`).then(() => {
      this.#leaving.delete(entry);
    });
  }
}

function invalidOf({ problems }: LoadedServers): Map<string, string> {
  const invalid = new Map<string, string>();
  for (const problem of problems) {
    if (problem.severity !== "error" || problem.name === undefined || invalid.has(problem.name)) continue;
    invalid.set(problem.name, `servers.json${describe(problem)}`);
  }
  return invalid;
}

/** As `formatProblem`, without the path. That module loads jsonc-parser, which must stay out of the daemon's start. */
function describe({ line, column, name, key, message }: Problem): string {
  return `:${line}:${column}: ${[name, key, message].filter((part) => part !== undefined).join(": ")}`;
}

/** Configurations hold plain data. Infinity, which JSON cannot hold, becomes a text. */
function isSame(a: ServerConfig, b: ServerConfig): boolean {
  const text = (config: ServerConfig): string =>
    JSON.stringify(config, (_key, value: unknown) => (value === Infinity ? "never" : value));
  return text(a) === text(b);
}

/** How long open calls of a server may go on when its entry was removed, ms. */
const REMOVAL_GRACE_MS = 5_000;
