/**
 * Which of these permissions the account lacks on the workspace's project; one call, which changes nothing. If the
 * question cannot be asked (no login, no such project, no network), it throws a RetailError.
 */
export type FindLacking = (permissions: readonly string[], signal?: AbortSignal) => Promise<string[]>

/** Whether somebody pays for the project: without that, nothing can be created in it. */
export type IsBilled = (signal?: AbortSignal) => Promise<boolean>
