// Loaded before a program (NODE_OPTIONS): its worker threads end by themselves at a call they make. DIE_AT=fs.renameSync:3
const { isMainThread } = require('node:worker_threads')

const [, owner, name, count] = /^(\w+)\.(\w+):(\d+)$/.exec(process.env.DIE_AT)
if (!isMainThread) {
  const from = { fs: require('node:fs'), Atomics }[owner]
  const real = from[name]
  let left = Number(count)
  from[name] = (...given) => {
    if (--left === 0) process.exit(9)
    return real(...given)
  }
}
