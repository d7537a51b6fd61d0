/**
 * The core without the CLI: the functions behind the commands, for programs. A config, its world, the ports of its
 * target, and the verbs, which are functions of them. docs/data.md shows an example.
 */
export { openPorts, openRelation } from './adapters/open.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export type { Config } from './config/schema.ts'
export { type ErrorCode, EXIT_CODES, RetailError } from './errors.ts'
export { type Outage, watchOutages } from './outages.ts'
export { type BackfillOptions, backfill } from './pipeline/backfill.ts'
export { type DemoOptions, demo } from './pipeline/demo.ts'
export { type GradeOptions, grade } from './pipeline/grade.ts'
export { type LoadOptions as LoadEventsOptions, load } from './pipeline/load.ts'
export { type RealismOptions, realism } from './pipeline/realism.ts'
export type * from './pipeline/results.ts'
export { seedDims } from './pipeline/seed-dims.ts'
export { status } from './pipeline/status.ts'
export { type StreamOptions, stream } from './pipeline/stream.ts'
export { type TransformOptions, transform } from './pipeline/transform.ts'
export { type VerifyOptions, verify } from './pipeline/verify.ts'
export type { Lake, Ports, Reader, Relation, Warehouse, Workspace } from './ports/index.ts'
export { dimensions, facts, tables } from './tables/index.ts'
export { type Day, formatDay, formatSecond, parseDay, parseSecond, type Second } from './time.ts'
export { buildWorld, type World } from './world/world.ts'
