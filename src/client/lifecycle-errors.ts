/** Versions or the restart budget forbid to go on; nothing was harmed. The CLI exits with 3. */
export class RefusedError extends Error {}

/** A daemon is there and does not answer. The CLI exits with 4. */
export class UnresponsiveError extends Error {}

/** The installed daemon could not be started, or the old one not be ended. The CLI exits with 1. */
export class LifecycleError extends Error {}
