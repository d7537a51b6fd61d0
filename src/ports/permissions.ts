/**
 * Which of these permissions we lack on the project of the workspace; one call, changes nothing. What cannot be asked (nobody is
 * logged in, the project is not there, no network) is thrown as a RetailError.
 */
export type FindLacking = (permissions: readonly string[], signal?: AbortSignal) => Promise<string[]>
