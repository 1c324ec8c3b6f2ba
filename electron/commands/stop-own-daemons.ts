import { durationText } from "../../src/text/duration.js";
import { recordOf } from "../model/app-state.js";
import { liveOf } from "../model/daemon/daemon-state.js";
import type { Store } from "../model/store.js";

/** Every step of a stop, from the request to SIGKILL, and a little more, ms. */
const STOP_WITHIN_MS = 12_000;

/** Stops every daemon that this app controls. Resolves when all have ended; rejects, naming the others, after 12 s. */
export async function stopOwnDaemons(store: Store): Promise<void> {
  const own = store.state.daemons.filter(({ control }) => control === "full").map(({ id }) => id);
  const left = (): string[] =>
    own.filter((id) => {
      const record = recordOf(store.state, id);
      return record !== undefined && (record.operation !== undefined || liveOf(record.state) !== undefined);
    });
  for (const id of own) store.dispatch({ about: "daemon", id, event: { type: "stopRequested" } });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      const within = durationText(STOP_WITHIN_MS);
      reject(new Error(`The app was not quit: the daemon did not stop within ${within} (${left().join(", ")}).`));
    }, STOP_WITHIN_MS);
    const check = (): void => {
      if (left().length > 0) return;
      clearTimeout(late);
      resolve();
    };
    store.onChange(check);
    check();
  });
}
