/** What an error says, for the user to read: anything can be thrown. */
export function errorText(error: unknown): string {
  if (error instanceof Error && error.message !== "") return error.message;
  return String(error);
}
