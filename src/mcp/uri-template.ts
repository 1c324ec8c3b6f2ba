/**
 * True when `uri` can be an expansion of the template (RFC 6570). Literal text must be there; an expression stands for any
 * text, of one segment unless it may hold slashes (`{+path}`, `{/path*}`).
 */
export function matchesTemplate(template: string, uri: string): boolean {
  const pattern = template
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      if (!/^\{.*\}$/s.test(part)) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return /^\{[+#/;?&.]|\*/.test(part) ? ".*" : "[^/]*";
    })
    .join("");
  return new RegExp(`^${pattern}$`, "s").test(uri);
}
