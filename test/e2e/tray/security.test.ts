import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright";
import { describe, expect } from "vitest";
import { contentSecurityPolicy } from "../../../electron/window/content-security-policy.js";
import { INDEX_URL } from "../../../electron/window/served-file.js";
import { it as base } from "../../fixtures/it/with-shared-desktop.js";
import { until } from "../../fixtures/sandbox.js";

/** A server that the app must never reach. */
class Outside {
  readonly requests: string[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push(request.url ?? "");
    response.setHeader("Access-Control-Allow-Origin", "*").end("outside");
  });

  static async start(): Promise<Outside> {
    const outside = new Outside();
    await new Promise<void>((resolve) => outside.#server.listen(0, "127.0.0.1", resolve));
    return outside;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  close(): void {
    this.#server.close();
  }
}

const it = base.extend("outside", { scope: "file" }, async ({}, { onCleanup }) => {
  const outside = await Outside.start();
  onCleanup(() => outside.close());
  return outside;
});

it.beforeEach(({ outside }) => {
  outside.requests.length = 0;
});

describe("the window's page", () => {
  it("the window's page has no access to Node or Electron", async ({ page, app }) => {
    const found = await page.evaluate(() =>
      ["require", "process", "module", "Buffer", "electron", "ipcRenderer"].filter((name) => name in globalThis),
    );
    expect(found).toEqual([]);
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): object };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
    });
  });

  it("the window's page returns from about:blank, to which it can be navigated without a check", async ({ page }) => {
    await page.evaluate(() => location.assign("about:blank"));
    await page.waitForURL("about:blank");
    await page.waitForURL(INDEX_URL);
    await expectStillOurs(page);
  });

  it.for(["file:///etc/hostname", "data:text/html,elsewhere", "app://lockstep/styles.css"])(
    "the window's page cannot be navigated to %s",
    async (url, { page }) => {
      await page.evaluate((target) => location.assign(target), url);
      await expectStillOurs(page);
    },
  );

  it("the window's page cannot be navigated to a server, and no request is sent there", async ({ page, outside }) => {
    await page.evaluate((target) => location.assign(target), outside.url("/led"));
    await expectStillOurs(page);
    expect(outside.requests).toEqual([]);
  });

  it("the window's page cannot open a window", async ({ page, app, outside }) => {
    expect(await page.evaluate(() => window.open("about:blank") === null)).toBe(true);
    expect(await page.evaluate((url) => window.open(url) === null, outside.url("/opened"))).toBe(true);
    expect(app.windows()).toHaveLength(1);
    expect(outside.requests).toEqual([]);
  });

  it("the window's page is granted no permission", async ({ page }) => {
    const states = await page.evaluate(async () => {
      const names = ["geolocation", "notifications", "camera", "microphone", "clipboard-read", "midi"];
      const query = (name: string) => navigator.permissions.query({ name: name as PermissionName });
      return Promise.all(names.map(async (name) => (await query(name)).state));
    });
    expect(new Set(states)).toEqual(new Set(["denied"]));
    expect(await page.evaluate(() => Notification.requestPermission())).toBe("denied");
    const refusal = await page.evaluate(
      () => new Promise((resolve) => navigator.geolocation.getCurrentPosition(resolve, ({ code }) => resolve(code))),
    );
    expect(refusal).toBe(1); // PERMISSION_DENIED
  });

  it("the window's page cannot download anything", async ({ page, app }) => {
    const outcome = app.evaluate(
      ({ session }) =>
        new Promise<string>((resolve) => {
          session.fromPartition("window").once("will-download", (event) => {
            resolve(event.defaultPrevented ? "refused" : "saved");
            event.preventDefault();
          });
        }),
    );
    await page.evaluate(() => {
      const link = document.createElement("a");
      link.href = "data:text/plain,loot";
      link.download = "loot.txt";
      link.click();
    });
    expect(await outcome).toBe("refused");
  });

  it("the window's page runs no script but its own", async ({ page }) => {
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      try {
        script.textContent = "globalThis.ranInline = true";
      } catch {
        // not a trusted script
      }
      document.head.append(script);
      return "ranInline" in globalThis;
    });
    expect(ran).toBe(false);
  });

  it("the window's page can neither parse HTML from text nor create a policy that would", async ({ page }) => {
    const outcome = await page.evaluate(() => {
      const refuses = (act: () => void) => {
        try {
          act();
          return false;
        } catch {
          return true;
        }
      };
      const markup = refuses(() => (document.createElement("div").innerHTML = "<b>bold</b>"));
      return {
        markup,
        policy: refuses(() => (globalThis as unknown as TrustedTypesHost).trustedTypes.createPolicy("x")),
      };
    });
    expect(outcome).toEqual({ markup: true, policy: true });
  });

  it("the window's page loads nothing from elsewhere", async ({ page, outside }) => {
    const [image, fetched, framed] = [outside.url("/image.png"), outside.url("/fetched"), outside.url("/framed")];
    const outcome = await page.evaluate(
      async ([image, fetched, framed]) => {
        const failed = (element: HTMLImageElement) =>
          new Promise((resolve) => {
            element.onerror = () => resolve(true);
            element.onload = () => resolve(false);
          });
        const img = new Image();
        const imageFailed = failed(img);
        img.src = image ?? "";
        const frame = document.createElement("iframe");
        frame.src = framed ?? "";
        document.body.append(frame);
        const fetchFailed = await fetch(fetched ?? "").then(
          () => false,
          () => true,
        );
        const fileFailed = await fetch("file:///etc/hostname").then(
          () => false,
          () => true,
        );
        frame.remove();
        return { image: await imageFailed, fetch: fetchFailed, file: fileFailed };
      },
      [image, fetched, framed],
    );
    expect(outcome).toEqual({ image: true, fetch: true, file: true });
    expect(outside.requests).toEqual([]);
  });

  it("the window's page is served with its content security policy", async ({ app }) => {
    const served = await app.evaluate(async ({ session }, url) => {
      const response = await session.fromPartition("window").fetch(url);
      return { status: response.status, policy: response.headers.get("content-security-policy") };
    }, INDEX_URL);
    expect(served).toEqual({ status: 200, policy: contentSecurityPolicy() });
  });

  it.for(["app://lockstep/../package.json", "app://lockstep/%2e%2e/electron/main.cjs", "app://elsewhere/index.html"])(
    "the window's page cannot read %s",
    async (url, { app }) => {
      const status = await app.evaluate(
        async ({ session }, target) =>
          session
            .fromPartition("window")
            .fetch(target)
            .then(
              (response) => response.status,
              () => "refused",
            ),
        url,
      );
      expect([404, "refused"]).toContain(status);
    },
  );

  it("the window's session can reach nothing else", async ({ app, outside }) => {
    const outcome = await app.evaluate(
      async ({ session }, target) =>
        session
          .fromPartition("window")
          .fetch(target)
          .then(
            () => "reached",
            (error: Error) => error.message,
          ),
      outside.url("/session"),
    );
    expect(outcome).toContain("ERR_BLOCKED_BY_CLIENT");
    expect(outside.requests).toEqual([]);
  });
});

describe("copied diagnostics", () => {
  it("copied diagnostics contain no secret of servers.json, even one that looks like plain words and is in the log", async ({
    page,
    app,
    box,
  }) => {
    const secret = "blue lagoon";
    box.writeServers({ harmless: { command: "true", env: { PLACE: secret }, disabled: true } });
    expect(await box.run(["restart", "--reason", `for the ${secret}`])).toMatchObject({ code: 0 });
    expect(box.logLines(secret)).not.toEqual([]);
    const report = await until("the report tells of the restart", async () => {
      await page.evaluate(() => globalThis.lockstep.command.run({ do: "copy-diagnostics" }));
      const text = await app.evaluate(({ clipboard }) => clipboard.readText());
      return text.includes("for the [hidden]") ? text : undefined;
    });
    expect(report).not.toContain(secret);
  });
});

interface TrustedTypesHost {
  trustedTypes: { createPolicy(name: string): unknown };
}

async function expectStillOurs(page: Page): Promise<void> {
  // A navigation in progress would have ended this call, or answered from another page.
  const found = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return { url: location.href, ours: document.getElementById("app") !== null };
  });
  expect(found).toEqual({ url: INDEX_URL, ours: true });
}
