import { NOTIFICATION } from "../../wire/control.js";
import { asObject } from "../../wire/message.js";

/** Is this notification a heartbeat: Lockstep's own, or the log message that PreviewsMCP's clients rely on? */
export function isHeartbeat(method: string, params: unknown): boolean {
  switch (method) {
    case NOTIFICATION.heartbeat:
      return true;
    case "notifications/message":
      return asObject(params)["logger"] === "heartbeat";
    default:
      return false;
  }
}
