/** A file system error as a phrase for messages, without the `EACCES: … , open '…'` of Node's own. */
export function fileErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the disk is read-only";
    case "ENOSPC":
      return "the disk is full";
    case "EDQUOT":
      return "the disk quota is used up";
    case "ENOTDIR":
      return "a part of its path is a file";
    case "EMFILE":
    case "ENFILE":
      return "too many open files";
    case "EPROTOTYPE":
      return "it is another kind of socket; remove it";
    case "ENAMETOOLONG":
      return "the path is too long";
    default:
      return message;
  }
}
