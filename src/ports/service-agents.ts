/**
 * Creates the accounts with which these services (`pubsub`) act in the project, so that roles can be granted to them.
 * Repeating it changes nothing.
 */
export type MakeAgents = (services: readonly string[], signal?: AbortSignal) => Promise<void>
