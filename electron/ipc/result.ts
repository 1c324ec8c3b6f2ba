import { errorText } from "../failure/error-text.js";

/**
 * The answer to every `invoke`. An error is a sentence for the user, as part of the answer: Electron would put "Error
 * invoking remote method" before the message of a rejection.
 */
export type Result<T> = { ok: true; value: T } | { ok: false; error: string };

/** Never rejects. */
export async function resultOf<T>(act: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await act() };
  } catch (error) {
    return { ok: false, error: errorText(error) };
  }
}
