const FOREIGN = 'it belongs to another world'

/** Why an intact file cannot be used here. It is somebody's data, so nobody deletes it: `repair` moves it aside. */
export const foreignTo = (owner: string | undefined): string => (owner ? `${FOREIGN} (${owner})` : FOREIGN)

/** Why an intact file of this world cannot be used under its name. */
export const otherContent = (table: string | undefined, content: string | undefined): string =>
  `it contains ${table} of ${content}`

/** Whether a file is intact and has the content of another one. */
export const isElsewhere = (why: unknown): why is string =>
  isForeign(why) || (typeof why === 'string' && why.startsWith('it contains '))

/** Whether what is wrong with a file is only that it is not ours. */
export const isForeign = (why: unknown): why is string => typeof why === 'string' && why.startsWith(FOREIGN)
