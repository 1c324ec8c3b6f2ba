import { NOTIFICATION, type Heartbeat } from "../../wire/control.js";
import type { Connection } from "./connection.js";

/** Everyone connected, and what is sent to all of them. */
export class Clients {
  readonly #connections = new Set<Connection>();
  #changeAnnounced = false;

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  delete(connection: Connection): void {
    this.#connections.delete(connection);
  }

  get all(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** How many have finished the handshake. */
  get open(): number {
    let open = 0;
    for (const connection of this.#connections) if (connection.isOpen) open++;
    return open;
  }

  /** Sends the heartbeat to clients that asked for it, and ends connections on which a frame has stalled. */
  beat(heartbeat: Heartbeat): void {
    for (const connection of this.#connections) {
      if (connection.receivesHeartbeat || connection.waitsForServer) {
        connection.notify(NOTIFICATION.heartbeat, heartbeat);
      }
      if (connection.receivesDebugLog) {
        connection.notify("notifications/message", { level: "debug", logger: "heartbeat", data: "alive" });
      }
      connection.checkPartialFrame();
    }
  }

  /** Sends `changed` to clients that watch the daemon, at most ten times a second: 200 clients may come and go at once. */
  announceChange(): void {
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    const timer = setTimeout(() => {
      this.#changeAnnounced = false;
      for (const connection of this.#connections) {
        if (connection.receivesHeartbeat) connection.notify(NOTIFICATION.changed, {});
      }
    }, CHANGE_MS);
    timer.unref();
  }
}

const CHANGE_MS = 100;
