import { basename, join } from "node:path";
import type { App } from "electron";
import { ownBinary } from "../../src/install/own-binary.js";
import { readBuildInfo } from "../../src/install/build-info.js";
import type { Installed } from "../../src/version/identity.js";
import { startDetached } from "../../src/install/start-detached.js";
import { runningAppImage, type RunningAppImage } from "../../src/install/running-appimage.js";
import { stageRuntime } from "../../src/install/stage-runtime.js";
import { readStaged, runtimePaths, type RuntimePaths } from "../../src/install/runtime-directory.js";
import { lastingArguments } from "./one-shot-arguments.js";
import type { StagingState } from "../model/app-state.js";

/** What the app starts its daemon from, and compares the daemon's version with. */
export interface Installation {
  /** The directory of daemon.js and build-info.json. */
  codeDir: string;
  /** The binary that runs daemon.js, as Node. */
  execPath: string;
  /** The build of the app's own code. It differs from the installed one while another AppImage's runtime is staged. */
  own: Installed;
  /**
   * Makes sure that `codeDir` exists. Rejects if no runtime there can be used. Another call tries again after a failure,
   * and does nothing after a success.
   */
  prepare: (report: (staging: StagingState | undefined) => void) => Promise<void>;
  /** Starts the installed app; this one has to quit then. Rejects if it can't be started. */
  relaunch: () => Promise<void>;
  /** The command by which the desktop starts the installed app. */
  startCommand: () => readonly string[];
  /** The path of `lockstep`, to be linked on the PATH; undefined in a checkout. */
  commandLine: string | undefined;
}

/** A packaged app has command line and daemon as plain files beside its archive; in a checkout they are in dist/. */
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
    // app.relaunch() would run the replaced binary among the files of the new one.
    relaunch: () =>
      app.isPackaged && process.platform === "linux"
        ? startInstead(app, execPath)
        : Promise.resolve(app.relaunch({ args: lastingArguments(process.argv.slice(1)) })),
    startCommand: () => (app.isPackaged ? [execPath] : [execPath, app.getAppPath()]),
    commandLine: app.isPackaged ? join(process.resourcesPath, "bin/lockstep") : undefined,
  };
}

async function startInstead(app: App, file: string): Promise<void> {
  // Otherwise the new app would find this one, and quit as a second instance.
  app.releaseSingleInstanceLock();
  try {
    await startDetached(file, lastingArguments(process.argv.slice(1)));
  } catch (error) {
    app.requestSingleInstanceLock();
    throw error;
  }
}

/** The daemon outlives the app, whose mount goes with it: what the daemon needs is copied to the user's data directory. */
function stagedInstallation(app: App, running: RunningAppImage, own: Installed): Installation {
  const paths = runtimePaths(process.env);
  let done: Promise<void> | undefined;
  return {
    codeDir: join(paths.runtime, "resources/lockstep"),
    execPath: join(paths.runtime, basename(ownBinary())),
    own,
    prepare: (report) => {
      done ??= prepareStaged(running, own, paths, report).catch((error: unknown) => {
        done = undefined;
        const { message } = error as Error;
        // A complete runtime of another version serves until then.
        const serves = readStaged(paths)?.complete ?? false;
        report(serves ? { is: "failed", error: message } : undefined);
        if (!serves) throw error;
      });
      return done;
    },
    // app.relaunch() would run from the mount, which is gone before it starts anything.
    relaunch: () => startInstead(app, appImageToStart(running, paths)),
    startCommand: () => [appImageToStart(running, paths)],
    commandLine: join(paths.runtime, "resources/bin/lockstep"),
  };
}

async function prepareStaged(
  running: RunningAppImage,
  { version, buildId }: Installed,
  paths: RuntimePaths,
  report: (staging: StagingState | undefined) => void,
): Promise<void> {
  const mine = { version, buildId: buildId ?? "", appImage: running.file };
  const onCopy = (): void => report({ is: "copying", to: paths.runtime });
  await stageRuntime({ running, mine, execPath: ownBinary(), paths, onCopy });
  report(undefined);
}

/** The AppImage whose runtime is staged: the running one, or another version. */
function appImageToStart(running: RunningAppImage, paths: RuntimePaths): string {
  const staged = readStaged(paths);
  return staged?.appImageExists ? staged.appImage : running.file;
}
