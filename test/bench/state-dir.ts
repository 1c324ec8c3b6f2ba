import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const DIST = resolve("dist");
const SETTLED_MS = 700;
export const CLI = join(DIST, "cli.js");

/** A state directory for one benchmark, and the environment that points to it. */
export class BenchDirectory {
  readonly dir = mkdtempSync(join(tmpdir(), "bench-"));
  readonly env: NodeJS.ProcessEnv = { ...process.env, LOCKSTEP_DIR: this.dir };

  cli(...args: string[]): string {
    return execFileSync(process.execPath, [CLI, ...args], {
      env: this.env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  /** Replaces the running daemon by one of another version. */
  async startStale(): Promise<void> {
    this.cli("stop", "--quiet");
    execFileSync(process.execPath, [CLI, "serve", "--daemon"], {
      env: { ...this.env, _LOCKSTEP_TEST_DAEMON_VERSION: "0.0.1" },
      stdio: "ignore",
    });
    // A stale daemon has usually been running for a while and is idle.
    await delay(SETTLED_MS);
    // Without this, the limit on restarts would end the benchmark after three rounds.
    const ledger = join(this.dir, "restart.lock");
    truncateSync(ledger);
    // A recent change would look like a restart in progress.
    utimesSync(ledger, 0, 0);
  }

  remove(): void {
    this.cli("stop", "--quiet");
    rmSync(this.dir, { recursive: true, force: true });
  }
}
