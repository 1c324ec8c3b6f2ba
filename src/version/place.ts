/**
 * Where an installation's directory is: `NAMESPACE DEVICE:INODE`, the mount namespace that its path was resolved in and
 * the directory itself. Containers, and a container and its host, may have different directories at the same path.
 */
export type Place = string;

/**
 * True unless the same path means different directories to the two: then they see different mounts, and what is there is
 * not the same directory. An upgrade may replace the directory, in the same namespace. An unknown place counts as the same.
 */
export function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  const [namespaceOfA, directoryOfA] = a.split(" ");
  const [namespaceOfB, directoryOfB] = b.split(" ");
  return namespaceOfA === namespaceOfB || directoryOfA === directoryOfB;
}
