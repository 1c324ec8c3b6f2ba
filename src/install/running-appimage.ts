import { realpathSync } from "node:fs";

/** The AppImage that this program was started from. */
export interface RunningAppImage {
  /** The file that the user keeps. */
  file: string;
  /** Where it is mounted for as long as the app runs. */
  mount: string;
}

/**
 * Undefined for a program that runs from elsewhere, also when another AppImage, such as an editor's, started it and
 * left its variables in the environment.
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
