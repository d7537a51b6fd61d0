/** The changed lines with their context. For small texts only: it compares every pair of lines. */
export function renderDiff(before: string, after: string, around = 1): string {
  const marked = compare(lines(before), lines(after))
  const near = (i: number) => marked.slice(Math.max(0, i - around), i + around + 1).some(([mark]) => mark !== ' ')
  const shown: string[] = []
  for (const [i, [mark, line]] of marked.entries()) {
    if (near(i)) shown.push(`    ${mark} ${line}`.trimEnd())
    else if (shown.at(-1) !== '    …') shown.push('    …')
  }
  return shown.join('\n')
}

const lines = (text: string) => text.replace(/\n$/, '').split('\n')

type Mark = '+' | '-' | ' '

/** Longest common subsequence, walked from the start. */
function compare(a: readonly string[], b: readonly string[]): [Mark, string][] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1])
  const marked: [Mark, string][] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      marked.push([' ', a[i++]])
      j++
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1]))
      marked.push(['-', a[i++]])
    else marked.push(['+', b[j++]])
  }
  return marked
}
