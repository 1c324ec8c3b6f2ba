import { realpathSync } from "node:fs";

/** The AppImage that this program was started from. */
export interface RunningAppImage {
  /** The AppImage itself. */
  file: string;
  /** Where it is mounted while the app runs. */
  mount: string;
}

/**
 * The AppImage that `execPath` runs from. Undefined for a program that runs from elsewhere, even if another AppImage, for
 * instance an editor's, started it and left its variables in the environment.
 */
export function runningAppImage(env: NodeJS.ProcessEnv, execPath: string): RunningAppImage | undefined {
  const { APPIMAGE, APPDIR } = env;
  if (!APPIMAGE || !APPDIR) return undefined;
  const mount = realOr(APPDIR);
  return realOr(execPath).startsWith(`${mount}/`) ? { file: realOr(APPIMAGE), mount } : undefined;
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
