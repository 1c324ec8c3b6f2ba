/** The versions or the restart budget do not allow it, and nothing was changed. The CLI exits with 3. */
export class RefusedError extends Error {}

/** A daemon runs and does not answer. The CLI exits with 4. */
export class UnresponsiveError extends Error {}

/** The installed daemon could not be started, or the old one could not be ended. The CLI exits with 1. */
export class LifecycleError extends Error {}
