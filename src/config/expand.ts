export type Environment = Readonly<Record<string, string | undefined>>;

export type Expansion = { ok: true; text: string } | { ok: false; reason: string };

/** Replaces `${NAME}` and `${NAME:-default}` by values of `env`. A `reason` names the variable, never a value. */
export function expand(text: string, env: Environment): Expansion {
  let reason: string | undefined;
  const expanded = text.replace(/\$\{([^}]*)\}/g, (_whole, inside: string) => {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside);
    if (!match) {
      reason ??= "only ${NAME} and ${NAME:-default} are understood between ${ and }";
      return "";
    }
    const value = env[match[1]!];
    // As in a shell, `:-` also covers a variable that is set but empty.
    if (match[2] !== undefined) return value === undefined || value === "" ? match[2] : value;
    if (value === undefined) reason ??= `the variable ${match[1]} is not set in your login environment`;
    return value ?? "";
  });
  return reason === undefined ? { ok: true, text: expanded } : { ok: false, reason };
}
