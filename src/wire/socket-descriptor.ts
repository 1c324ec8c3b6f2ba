/**
 * The descriptor of a socket's kernel object; undefined for anything but an open socket. Node does not document it, but
 * has kept it at this place since its first version.
 */
export function socketDescriptor(socket: object): number | undefined {
  const handle = (socket as { _handle?: { fd?: unknown } | null })._handle;
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
