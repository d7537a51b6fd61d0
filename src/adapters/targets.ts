import type { Config } from '../config/schema.ts'
import type { TargetName } from '../config/targets.ts'
import { gcpTarget } from './gcp/target.ts'
import { localTarget } from './local/target.ts'
import type { Target } from './target.ts'

/** All targets. A name that the config has and this table lacks does not compile. */
export const targets = { local: localTarget, gcp: gcpTarget } as const satisfies Record<TargetName, Target>

export const targetOf = ({ target }: Pick<Config, 'target'>): Target => targets[target]
