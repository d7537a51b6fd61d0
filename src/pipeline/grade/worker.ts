import { compareBlock } from '../../grade/compare-block.ts'
import { serveBlocks } from '../worker-side.ts'

serveBlocks(compareBlock)
