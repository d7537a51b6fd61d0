/**
 * What happens to events on their way: a pure function of seed, profile, and id. `Fates` decides, `FaultyTimeline`
 * delivers, and `answersOf` computes the answer key apart from both.
 */
export { type Answer, answersOf, atInstant } from './answer-key.ts'
export { type Change, changeOf } from './changed-copy.ts'
export { driftsOf, malformationOf } from './events.ts'
export { besideDeleted, deletedNumber, Fate, Fates, Form } from './fates.ts'
export { FaultyTimeline, MOST_WAITING } from './faulty-timeline.ts'
export { SentBatch } from './sent-batch.ts'
export { sentPagesOf } from './sent-pages.ts'
export { READABLE } from './spoil.ts'
