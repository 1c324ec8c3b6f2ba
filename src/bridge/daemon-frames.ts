import type { Ensured } from "../client/ensure-options.js";
import type { ConnectionEvents } from "../client/follow/reconnecting-link.js";
import { isHeartbeat } from "../client/follow/heartbeats.js";
import { NOTIFICATION } from "../wire/control.js";
import { paramsOf, readEnvelope, type Envelope } from "../wire/envelope.js";
import type { FrameStream } from "../wire/frame-stream.js";
import { asObject } from "../wire/message.js";

/** What the bridge does with one connection to a daemon. */
export interface DaemonFramesHandlers {
  /** A message that is for the host, or an answer. */
  onMessage(envelope: Envelope): void;
  /** The connection is over. What of the sent frames was not delivered is known by now. */
  onClose(): void;
}

/** One connection to a daemon, as frames that pass unread but for their envelope. */
export class DaemonFrames {
  readonly #stream: FrameStream;
  /** The number of the last frame that the daemon took, once it has said so. */
  #received = Infinity;
  #isEnding = false;
  readonly connection: Ensured;

  constructor(connection: Ensured, events: ConnectionEvents, handlers: DaemonFramesHandlers) {
    this.connection = connection;
    this.#stream = connection.peer.release({
      onFrame: (raw) => {
        const envelope = readEnvelope(raw);
        if (envelope.kind !== "notification" || !this.#takeOwn(envelope.method, envelope, events)) {
          handlers.onMessage(envelope);
        }
      },
      onActivity: () => events.onActivity(),
      onHeartbeat: () => events.onHeartbeat(),
      onClose: (error) => {
        this.#isEnding = true;
        handlers.onClose();
        events.onClose(error);
      },
    });
  }

  /** True while requests can be sent: the daemon has not announced its end. */
  get takesRequests(): boolean {
    return !this.#isEnding && !this.#stream.closed;
  }

  /** From now on nothing more is sent on this connection; answers still come. */
  end(): void {
    this.#isEnding = true;
  }

  /** Sends a frame; returns its number. */
  send(frame: string | Buffer): number {
    this.#stream.send(frame);
    return this.#stream.framesSent;
  }

  /** True unless the frame of this number is known not to have reached the daemon. */
  mayHaveArrived(frame: number): boolean {
    return frame <= this.#received && frame <= this.#stream.framesLeft;
  }

  get isFull(): boolean {
    return this.#stream.bufferedBytes > FULL_BYTES;
  }

  onDrain(callback: () => void): void {
    this.#stream.onDrain(callback);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** True for a notification that is the daemon's own, and not for the host. */
  #takeOwn(method: string, envelope: Envelope, events: ConnectionEvents): boolean {
    switch (method) {
      case NOTIFICATION.heartbeat:
        events.onHeartbeat();
        return true;
      case NOTIFICATION.changed:
        return true;
      case NOTIFICATION.draining:
        this.#isEnding = true;
        events.onDraining(paramsOf(envelope));
        return true;
      case NOTIFICATION.ended: {
        const { received } = asObject(paramsOf(envelope));
        if (typeof received === "number" && received >= 0) this.#received = received;
        return true;
      }
      case "notifications/message":
        if (!isHeartbeat(method, paramsOf(envelope))) return false;
        events.onHeartbeat();
        return false;
      default:
        return false;
    }
  }
}

const FULL_BYTES = 256 * 1024;
