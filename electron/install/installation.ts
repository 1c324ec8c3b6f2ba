import { basename, join } from "node:path";
import type { App } from "electron";
import { ownBinary } from "../../src/install/own-binary.js";
import { readBuildInfo } from "../../src/install/build-info.js";
import type { Installed } from "../../src/version/identity.js";
import { startDetached } from "../../src/install/start-detached.js";
import { runningAppImage, type RunningAppImage } from "../../src/install/running-appimage.js";
import { stageRuntime } from "../../src/install/stage-runtime.js";
import { readStaged, runtimePaths, type RuntimePaths } from "../../src/install/runtime-directory.js";
import type { StagingState } from "../model/app-state.js";

/** What the app starts its daemon from, and judges drift by. */
export interface Installation {
  /** The directory of daemon.js and build-info.json. */
  codeDir: string;
  /** The binary that runs it, told to be Node. */
  execPath: string;
  /** The build of the app's own code: another one than the installed where another AppImage's runtime is staged. */
  own: Installed;
  /**
   * Makes sure that `codeDir` is there. Rejects only when nothing there can be used; calling it again tries again what
   * failed, and is nothing once it was done.
   */
  prepare: (tell: (staging: StagingState | undefined) => void) => Promise<void>;
  /** Lets what is installed start in this app's place; this app is to end then. Rejects where it cannot be started. */
  relaunch: () => Promise<void>;
  /** How the desktop starts what is installed. */
  startCommand: () => readonly string[];
  /** `lockstep` for the PATH; undefined in a checkout, which has none. */
  commandLine: string | undefined;
}

/** A packaged app carries command line and daemon as plain files beside its archive; in a checkout all is in dist/. */
export function ownInstallation(app: App): Installation {
  const codeDir = app.isPackaged ? join(process.resourcesPath, "lockstep") : join(__dirname, "..");
  const own = readBuildInfo(codeDir);
  const execPath = ownBinary();
  const running = runningAppImage(process.env, execPath);
  if (running) return stagedInstallation(app, running, own);
  return {
    codeDir,
    execPath,
    own,
    prepare: () => Promise.resolve(),
    // Electron's own helper would be the replaced binary, with the new one's files around it.
    relaunch: () =>
      app.isPackaged && process.platform === "linux" ? startInstead(app, execPath) : Promise.resolve(app.relaunch()),
    startCommand: () => (app.isPackaged ? [execPath] : [execPath, app.getAppPath()]),
    commandLine: app.isPackaged ? join(process.resourcesPath, "bin/lockstep") : undefined,
  };
}

async function startInstead(app: App, file: string): Promise<void> {
  // The new one is not to be told that it is the second.
  app.releaseSingleInstanceLock();
  try {
    await startDetached(file, process.argv.slice(1));
  } catch (error) {
    app.requestSingleInstanceLock();
    throw error;
  }
}

/** An AppImage's mount goes away with the app, and the daemon stays: what it needs lies in the user's data directory. */
function stagedInstallation(app: App, running: RunningAppImage, own: Installed): Installation {
  const paths = runtimePaths(process.env);
  let done: Promise<void> | undefined;
  return {
    codeDir: join(paths.runtime, "resources/lockstep"),
    execPath: join(paths.runtime, basename(ownBinary())),
    own,
    prepare: (tell) => {
      done ??= prepareStaged(running, own, paths, tell).catch((error: unknown) => {
        done = undefined;
        const { message } = error as Error;
        // A complete one of another version serves until then.
        const serves = readStaged(paths)?.complete ?? false;
        tell(serves ? { is: "failed", error: message } : undefined);
        if (!serves) throw error;
      });
      return done;
    },
    // Electron's own helper would run from the mount, and end with it before it starts anything.
    relaunch: () => startInstead(app, appImageToStart(running, paths)),
    startCommand: () => [appImageToStart(running, paths)],
    commandLine: join(paths.runtime, "resources/bin/lockstep"),
  };
}

async function prepareStaged(
  running: RunningAppImage,
  { version, buildId }: Installed,
  paths: RuntimePaths,
  tell: (staging: StagingState | undefined) => void,
): Promise<void> {
  const mine = { version, buildId: buildId ?? "", appImage: running.file };
  const onCopy = (): void => tell({ is: "copying", to: paths.runtime });
  await stageRuntime({ running, mine, execPath: ownBinary(), paths, onCopy });
  tell(undefined);
}

/** The one whose runtime is installed: our own file, or that of a newer version that lies beside it. */
function appImageToStart(running: RunningAppImage, paths: RuntimePaths): string {
  const staged = readStaged(paths);
  return staged?.appImageExists ? staged.appImage : running.file;
}
