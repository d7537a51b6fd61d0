import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { inOwnMounts, mountPoint } from './disk.ts'
import { bin, writeConfig } from './tool.ts'

test('a full disk ends a backfill with a clear error, and more space lets it go on', () => {
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

test.each(['seed-dims', 'backfill', 'stream --duration 1s', 'transform'])(
  'a folder that cannot be written ends %s with exit 2 and a hint',
  (line) => {
    const { outside, inside } = mountPoint()
    writeConfig(inside, { stores: 4, products: 20, lines: 10, to: '2024-01-03' })
    execFileSync(process.execPath, [bin, 'backfill'], { cwd: inside, stdio: 'ignore' })
    const text = inOwnMounts(`
mount --bind ${inside} ${inside}
mount -o remount,ro,bind ${inside}
cd ${inside}
$RETAIL ${line} 2>&1
echo "exit $?"`)
    expect(outside).not.toBe('')
    expect(text).toMatch(/not allowed to write/)
    expect(text).toMatch(/--workspace/)
    expect(text).toMatch(/exit 2/)
  },
)
