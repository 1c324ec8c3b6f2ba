import { describe, expect, it } from "vitest";
import { decideStaging, type StagingFacts } from "../../../src/install/decide-staging.js";

const A = "/home/ada/Lockstep.AppImage";
const B = "/home/ada/Downloads/Lockstep-2.AppImage";

function staged(
  version: string,
  appImage: string,
  more: { buildId?: string; complete?: boolean; gone?: boolean } = {},
) {
  const { buildId = `build-${version}`, complete = true, gone = false } = more;
  return { version, buildId, appImage, complete, appImageExists: !gone };
}

describe("the runtime after 1.4.0 was started from the AppImage A", () => {
  it.each<[string, StagingFacts["staged"], string]>([
    ["nothing is staged", undefined, "stage: nothing-staged"],
    ["it is ours", staged("1.4.0", A), "keep"],
    ["it is ours, but files are missing", staged("1.4.0", A, { complete: false }), "stage: incomplete"],
    ["a newer one's files are missing", staged("2.0.0", B, { complete: false }), "stage: incomplete"],
    ["the file was replaced by a newer version", staged("1.3.0", A), "stage: same-appimage"],
    ["the file was replaced by an older version", staged("1.5.0", A), "stage: same-appimage"],
    [
      "the file was replaced by another build of the version",
      staged("1.4.0", A, { buildId: "x" }),
      "stage: same-appimage",
    ],
    ["an older one lies elsewhere", staged("1.3.0", B), "stage: newer"],
    ["a newer one lies elsewhere", staged("2.0.0", B), "keep"],
    ["a newer one lay elsewhere, and is gone", staged("2.0.0", B, { gone: true }), "stage: appimage-gone"],
    ["an older one lay elsewhere, and is gone", staged("1.3.0", B, { gone: true }), "stage: appimage-gone"],
    ["the same build lies elsewhere as well", staged("1.4.0", B), "keep"],
    ["the same build lay elsewhere: the file was renamed", staged("1.4.0", B, { gone: true }), "adopt"],
    ["our own file is gone while it runs", staged("1.4.0", A, { gone: true }), "keep"],
    ["another build of the version lies elsewhere", staged("1.4.0", B, { buildId: "x" }), "keep"],
    ["one of an unreadable version lies elsewhere", staged("nightly", B), "keep"],
  ])("%s", (_, found, expected) => {
    const mine = { version: "1.4.0", buildId: "build-1.4.0", appImage: A };
    const decision = decideStaging({ mine, staged: found });
    expect(decision.do === "stage" ? `stage: ${decision.why}` : decision.do).toBe(expected);
  });
});
