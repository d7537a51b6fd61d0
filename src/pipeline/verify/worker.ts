import { accountBlock } from '../../truth/account.ts'
import { serveBlocks } from '../worker-side.ts'

serveBlocks(accountBlock)
