const FOREIGN = 'it belongs to another world'

/** Why an intact file cannot be used here. It is somebody's data, so nobody deletes it: `repair` moves it aside. */
export const foreignTo = (owner: string | undefined): string => (owner ? `${FOREIGN} (${owner})` : FOREIGN)

/** Whether what is wrong with a file is only that it is not ours. */
export const isForeign = (why: unknown): why is string => typeof why === 'string' && why.startsWith(FOREIGN)
