import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 50

/** Yields the lines appended to a file after `fromByte`, until `ended` settles and the last of them is read. */
export async function* follow(file: string, fromByte: number, ended: Promise<unknown>): AsyncGenerator<string> {
  const fd = openSync(file, 'r')
  const decoder = new StringDecoder('utf8')
  let [at, rest, over] = [fromByte, '', false]
  const end = ended.then(
    () => (over = true),
    () => (over = true),
  )
  try {
    for (;;) {
      const last = over
      const bytes = Buffer.alloc(fstatSync(fd).size - at)
      at += readSync(fd, bytes, 0, bytes.length, at)
      const lines = (rest + decoder.write(bytes)).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
      if (last) break
      await Promise.race([end, sleep(LOOK_MS, undefined, { ref: false })])
    }
    if (rest !== '') yield rest
  } finally {
    closeSync(fd)
  }
}
