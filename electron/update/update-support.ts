import { howToUpdate, type Distribution } from "../../src/install/distribution.js";

/** Whether this app can update itself. If not, `why` is a sentence that says so, and what to do instead. */
export type UpdateSupport = { is: "on" } | { is: "off"; why: string };

/** `hasFeed`: a feed was set when the app was packaged. */
export function updateSupport(distribution: Distribution, hasFeed: boolean): UpdateSupport {
  switch (distribution.is) {
    case "appimage":
    case "mac":
      return hasFeed
        ? { is: "on" }
        : off(`no feed was set when this app was packaged; to update, ${howToUpdate(distribution)}`);
    case "checkout":
    case "npm":
    case "package":
    case "unpacked":
      return off(howToUpdate(distribution));
  }
}

function off(why: string): UpdateSupport {
  return { is: "off", why: `Updates are off: ${why}.` };
}
