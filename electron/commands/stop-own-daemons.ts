import { durationText } from "../../src/text/duration.js";
import { recordOf } from "../model/app-state.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import type { Store } from "../model/store.js";

/** Every step of a stop, from the request to SIGKILL, and a little more, ms. */
const STOP_WITHIN_MS = 12_000;

/** Stops every daemon that this app controls. Resolves when all have ended; rejects as soon as one can't be stopped. */
export async function stopOwnDaemons(store: Store): Promise<void> {
  const own = store.state.daemons.filter(({ control }) => control === "full").map(({ id }) => id);
  const records = (): DaemonRecord[] => own.flatMap((id) => recordOf(store.state, id) ?? []);
  const left = (): DaemonRecord[] =>
    records().filter(({ operation, state }) => operation !== undefined || liveOf(state) !== undefined);
  for (const id of own) store.dispatch({ about: "daemon", id, event: { type: "stopRequested" } });
  await new Promise<void>((resolve, reject) => {
    const end = (why?: string): void => {
      clearTimeout(late);
      ignore();
      if (why === undefined) resolve();
      else reject(new Error(`The app was not quit: ${why}`));
    };
    const check = (): void => {
      const failed = records().find(({ problem }) => problem?.kind === "stop");
      if (failed?.problem) end(`${failed.name} could not be stopped: ${failed.problem.error}`);
      else if (left().length === 0) end();
    };
    const late = setTimeout(() => {
      const names = left().map(({ name }) => name);
      end(`the daemon did not stop within ${durationText(STOP_WITHIN_MS)} (${names.join(", ")}).`);
    }, STOP_WITHIN_MS);
    const ignore = store.onChange(check);
    check();
  });
}
