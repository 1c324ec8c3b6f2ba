import { isHarmlessVariable } from "./secrets/harmless-names.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `values`: what the variables stood for, which may be secret; those with a harmless name are left out. */
export type Expansion = { ok: true; text: string; values: string[] } | { ok: false; reason: string };

/**
 * Replaces `${NAME}` and `${NAME:-default}` by values of `env`. A default may contain variables, too. `$${` stands for a
 * literal `${`. `${env:NAME}`, `${userHome}` and `${pathSeparator}`, which editors understand, mean the same here. A
 * `reason` names the variable, never a value.
 */
export function expand(text: string, env: Environment): Expansion {
  let expanded = "";
  const values: string[] = [];
  for (let at = 0; at < text.length;) {
    if (text.startsWith("$${", at)) {
      expanded += "${";
      at += 3;
      continue;
    }
    if (!text.startsWith("${", at)) {
      expanded += text[at]!;
      at += 1;
      continue;
    }
    const end = endOfVariable(text, at + 2);
    if (end === undefined) return { ok: false, reason: "a ${ has no matching }. Write $${ for a literal ${" };
    const value = valueOf(text.slice(at + 2, end), env);
    if (!value.ok) return value;
    expanded += value.text;
    values.push(...value.values);
    at = end + 1;
  }
  return { ok: true, text: expanded, values };
}

/** Where the `}` stands that closes the variable whose content begins at `start`. */
function endOfVariable(text: string, start: number): number | undefined {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("${", at)) depth += 1;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return undefined;
}

function valueOf(inside: string, env: Environment): Expansion {
  const match = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside);
  if (!match) return withoutVariable(inside);
  const [, name = "", fallback] = match;
  if (inside === "userHome") return valueOf("HOME", env);
  if (inside === "pathSeparator") return { ok: true, text: "/", values: [] };
  const value = env[name];
  const secret = (text: string): string[] => (isHarmlessVariable(name) ? [] : [text]);
  if (fallback === undefined) {
    if (value !== undefined) return { ok: true, text: value, values: secret(value) };
    return { ok: false, reason: hintFor(inside) ?? `the variable ${name} is not set in your login environment` };
  }
  // As in a shell, `:-` also covers a variable that is set but empty.
  if (value !== undefined && value !== "") return { ok: true, text: value, values: secret(value) };
  const expansion = expand(fallback, env);
  return expansion.ok ? { ...expansion, values: [...expansion.values, ...secret(expansion.text)] } : expansion;
}

function withoutVariable(inside: string): Expansion {
  if (inside === "/") return { ok: true, text: "/", values: [] };
  const known = "only ${NAME} and ${NAME:-default} are understood between ${ and }. Write $${ for a literal ${";
  return { ok: false, reason: hintFor(inside) ?? known };
}

/** What editors replace and Lockstep can't. */
function hintFor(inside: string): string | undefined {
  if (inside.startsWith("input:")) {
    return "${input:…} asks the user of an editor, which a daemon can't. Use ${NAME} and set the variable in your login environment, or use envFile";
  }
  if (/^(?:workspaceFolder|workspaceRoot|fileWorkspaceFolder)/.test(inside)) {
    return "the daemon serves all projects and has no workspace folder. Write an absolute path";
  }
  return undefined;
}
