import { totalsOfBlock } from '../../grade/aggregate/truth.ts'
import { serveBlocks } from '../worker-side.ts'

serveBlocks(totalsOfBlock)
