import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  commandLineState,
  installTool,
  removeTool,
  type CliLink,
} from "../../../../electron/install/command-line-tool.js";
import { judgeLink, type FoundLink } from "../../../../electron/install/judge-link.js";
import { menuTemplate } from "../../../../electron/view/menu-template.js";
import { windowView } from "../../../../electron/view/build-view.js";
import { running } from "../../../fixtures/app/app-story.js";

const PROGRAM = "/opt/Lockstep/resources/bin/lockstep";

describe("a link named lockstep", () => {
  it.each<[string, FoundLink, string]>([
    ["that is not there", { is: "nothing" }, "free"],
    ["to our program", { is: "link", target: PROGRAM, leadsTo: PROGRAM }, "ours"],
    ["to our program, which is gone", { is: "link", target: PROGRAM, leadsTo: undefined }, "ours"],
    ["to it by another way", { is: "link", target: "/opt/link/bin/lockstep", leadsTo: PROGRAM }, "ours"],
    [
      "to it from its own directory",
      { is: "link", target: "../../opt/Lockstep/resources/bin/lockstep", leadsTo: PROGRAM },
      "ours",
    ],
    ["to a Lockstep that is gone", { is: "link", target: "/old/resources/bin/lockstep", leadsTo: undefined }, "stale"],
    [
      "to one on macOS that is gone",
      { is: "link", target: "/A.app/Contents/Resources/bin/lockstep", leadsTo: undefined },
      "stale",
    ],
    [
      "to another Lockstep",
      { is: "link", target: "/x/resources/bin/lockstep", leadsTo: "/x/resources/bin/lockstep" },
      "foreign",
    ],
    ["to something else that is gone", { is: "link", target: "/x/lockstep", leadsTo: undefined }, "foreign"],
    ["that is no link", { is: "something-else" }, "foreign"],
  ])("%s", (_, found, verdict) => {
    expect(judgeLink("/usr/bin/lockstep", found, PROGRAM).is).toBe(verdict);
  });
});

describe.runIf(process.platform === "linux")("the command-line tool", () => {
  let root: string;
  let link: string;
  let place: CliLink & { program: string };
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tool-")));
    const program = join(root, "app/resources/bin/lockstep");
    link = join(root, ".local/bin/lockstep");
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    place = { program, platform: "linux", home: root, env: { PATH: `/usr/bin:${dirname(link)}` } };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is linked into the user's own directory, and taken away again", () => {
    expect(commandLineState(place)).toBe("absent");
    expect(installTool(place)).toMatchObject({
      tone: "ok",
      text: "Type lockstep in a terminal (~/.local/bin/lockstep).",
    });
    expect(readlinkSync(link)).toBe(place.program);
    expect(commandLineState(place)).toBe("installed");
    expect(installTool(place).tone).toBe("ok");
    expect(removeTool(place)).toMatchObject({ tone: "ok", text: "~/.local/bin/lockstep was deleted." });
    expect(commandLineState(place)).toBe("absent");
    expect(removeTool(place).tone).toBe("ok");
  });

  it("says when the directory is not on the PATH", () => {
    expect(installTool({ ...place, env: { PATH: "/usr/bin:" } })).toMatchObject({
      tone: "warn",
      text: expect.stringContaining("~/.local/bin isn't on this app's PATH") as string,
    });
  });

  it.each<[string, (path: string) => void]>([
    ["file", (path) => writeFileSync(path, "mine")],
    ["link", (path) => symlinkSync("/bin/true", path)],
  ])("never touches a %s that is not its own, and says which and what to do", (_, make) => {
    mkdirSync(dirname(link), { recursive: true });
    make(link);
    const before = lstatSync(link).ino;
    const notice = installTool(place);
    expect(notice.tone).toBe("bad");
    expect(notice.text).toContain(`${link} is `);
    expect(notice.text).toContain(`rm "${link}"`);
    expect(removeTool(place).tone).toBe("bad");
    expect(lstatSync(link).ino).toBe(before);
    expect(commandLineState(place)).toBe("absent");
  });

  it("takes the place of a link to a Lockstep that is gone", () => {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "older/resources/bin/lockstep"), link);
    expect(installTool(place).tone).toBe("ok");
    expect(readFileSync(link, "utf8")).toBe("#!/bin/sh\n");
  });

  it("a link that Homebrew made beside its cask is not offered for removal, and not removed", () => {
    expect(installTool(place).tone).toBe("ok");
    const brewed = { ...place, env: { ...place.env, HOMEBREW_PREFIX: join(root, "brew") } };
    mkdirSync(join(root, "brew/Caskroom/lockstep-app/1.4.0"), { recursive: true });
    expect(commandLineState(brewed)).toBe("not-offered");
    expect(removeTool(brewed)).toMatchObject({
      tone: "bad",
      text: "A package manager installed it; remove Lockstep with it.",
    });
    expect(readlinkSync(link)).toBe(place.program);
  });

  it("is not offered in a checkout", () => {
    expect(commandLineState({ ...place, program: undefined })).toBe("not-offered");
    expect(installTool({ ...place, program: undefined }).tone).toBe("bad");
    expect(existsSync(link)).toBe(false);
  });
});

it.each([
  ["not-offered", []],
  ["absent", ["Install command-line tool"]],
  ["installed", ["Remove command-line tool"]],
] as const)("menu and window offer the tool that is %s", (is, labels) => {
  const story = running().hear({ about: "app", type: "commandLine", commandLine: is });
  const inMenu = menuTemplate(story.state).flatMap((item) => ("label" in item ? [item.label] : []));
  const inWindow = windowView(story.state)
    .daemon.actions.flat()
    .map(({ label }) => label);
  for (const shown of [inMenu, inWindow])
    expect(shown.filter((label) => label.includes("command-line"))).toEqual(labels);
});

it("what came of the click stands in the window until it is dismissed", () => {
  const notice = { tone: "warn", title: "Title", text: "Text." } as const;
  const story = running().hear({ about: "app", type: "notice", notice });
  expect(windowView(story.state).daemon.banners).toMatchObject([
    { tone: "warn", title: "Title", text: "Text.", dismiss: { do: "dismiss-notice" } },
  ]);
});
