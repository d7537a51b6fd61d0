import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inOwnMounts, mountPoint } from './disk.ts'
import { checkoutOfOther, otherUser } from './other-user.ts'
import { pythonHome, retail, workspace, writeConfig } from './tool.ts'

test('a full disk ends a backfill with a clear error, and with more space it resumes', () => {
  const { outside, inside } = mountPoint()
  writeConfig(outside, { stores: 60, products: 200, lines: 100, to: '2024-04-30' })
  const text = inOwnMounts(`
set -e
mount -t tmpfs -o size=8m none ${inside}
cd ${inside}
cp ../retail.yaml .
$RETAIL seed-dims >/dev/null 2>&1
set +e
$RETAIL backfill 2>&1
echo "first exit $?"
find lake/.tmp -type f | wc -l
mount -o remount,size=400m ${inside}
$RETAIL backfill 2>&1
echo "second exit $?"
$RETAIL verify >/dev/null 2>&1
echo "verify exit $?"`)
  expect(text).toMatch(/no space left while writing/)
  expect(text).toMatch(/run the same command again/)
  expect(text).toMatch(/first exit 1\n0\n/)
  expect(text).toMatch(/second exit 0/)
  expect(text).toMatch(/verify exit 0/)
  expect(text).not.toMatch(/\n {4}at /)
})

test('a full disk ends a stream with a clear error, and nothing that was seen is lost', () => {
  const { outside, inside } = mountPoint()
  writeConfig(outside, { stores: 40, products: 150, lines: 100, to: '2024-01-03' })
  const text = inOwnMounts(`
mount -t tmpfs -o size=6m none ${inside}
cd ${inside}
cp ../retail.yaml .
$RETAIL seed-dims >/dev/null 2>&1
$RETAIL backfill >/dev/null 2>&1
$RETAIL stream --speed max 2>&1
echo "stream exit $?"
mount -o remount,size=400m ${inside}
$RETAIL stream --speed max --max-events 1000 >/dev/null 2>&1
echo "again exit $?"
$RETAIL verify >/dev/null 2>&1
echo "verify exit $?"`)
  expect(text).toMatch(/no space left while/)
  expect(text).toMatch(/stream exit 1/)
  expect(text).toMatch(/again exit 0/)
  expect(text).toMatch(/verify exit 0/)
})

describe('a workspace that cannot be written', () => {
  const WRITERS = ['seed-dims', 'backfill', 'stream --duration 1s', 'transform']
  const READERS = ['status', 'verify', 'dashboard --json', 'plan', 'completion bash', 'help']
  let shop = ''
  beforeAll(async () => {
    shop = workspace({ stores: 4, products: 20, lines: 10, to: '2024-01-03' }, true)
    // Others may look into it.
    chmodSync(shop, 0o755)
    for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-01-04T12:00:00Z', 'transform']) {
      const { code, stderr } = await retail(shop, line)
      expect(code, stderr).toBe(0)
    }
  })
  afterAll(() => rmSync(shop, { recursive: true, force: true }))

  test('because its file system is read-only: readers read, writers say so and exit 4', () => {
    const told = inOwnMounts(`
mount --bind ${shop} ${shop}
mount -o remount,ro,bind ${shop}
cd ${shop}
for line in ${[...READERS, ...WRITERS].map((line) => `'${line}'`).join(' ')}; do
  $RETAIL $line >/dev/null 2>/tmp/err-$$; echo "$line: exit $?"; grep -A2 error: /tmp/err-$$; rm /tmp/err-$$
done`)
    for (const line of READERS) expect(told).toContain(`${line}: exit 0\n`)
    for (const line of WRITERS)
      expect(told).toMatch(
        new RegExp(`${line}: exit 4\nerror: the file system is read-only while .*\n.*\n.*--workspace`),
      )
    expect(readdirSync(os.tmpdir()).filter((name) => name.startsWith('retail-copy-'))).toEqual([])
  })

  test("because it is another user's: the same", async () => {
    // Whoever is not root takes his own right to write away.
    if (otherUser.uid === undefined) execFileSync('chmod', ['-R', 'a-w', shop])
    const { checkout, remove } = checkoutOfOther()
    onTestFinished(remove)
    const run = (line: string) =>
      spawnSync(process.execPath, [path.join(checkout, 'bin/retail.js'), ...line.split(' ')], {
        cwd: shop,
        ...otherUser,
      })
    for (const line of READERS) {
      const { status, stderr } = run(line)
      expect(status, `${line}: ${stderr}`).toBe(0)
    }
    for (const line of WRITERS) {
      const { status, stderr } = run(line)
      expect({ line, status, stderr: String(stderr) }).toMatchObject({
        status: 4,
        stderr: expect.stringMatching(/error: permission denied while .*\n.*\n.*--workspace/),
      })
    }
  })
})

test('a full disk stops no reader, and nobody is told to move a sound file', () => {
  const { outside, inside } = mountPoint()
  writeConfig(outside, { stores: 4, products: 20, lines: 10, to: '2024-01-03' })
  const told = inOwnMounts(`
mount -t tmpfs -o size=16m none ${inside}
cd ${inside}
cp ../retail.yaml .
for line in seed-dims backfill transform; do RETAIL_PYTHON_HOME=${pythonHome} $RETAIL $line >/dev/null 2>&1; done
dd if=/dev/zero of=full bs=64k 2>/dev/null
for line in status verify 'dashboard --json' transform; do
  RETAIL_PYTHON_HOME=${pythonHome} $RETAIL $line >../out 2>../err; echo "$line: exit $?"; grep -A2 error: ../err
done
rm full
$RETAIL verify >/dev/null 2>&1; echo "at last: exit $?"`)
  for (const line of ['status', 'verify', 'dashboard --json', 'at last']) expect(told).toContain(`${line}: exit 0\n`)
  expect(told).toMatch(/transform: exit 1\nerror: no space left.*\n.*\n.*free some space/)
  expect(told).not.toMatch(/move it/)
})
