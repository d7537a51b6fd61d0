/** Packs `n` codes of `source` from row `from`, through `map`, into `out`; returns the bytes written. */
export type Packer = (
  source: ArrayLike<number>,
  from: number,
  n: number,
  map: Uint32Array,
  offset: number,
  out: Uint32Array,
) => number

const packers = new Map<string, Packer>()

/**
 * Bit packing, generated per width: 32 codes at a time into `width` little-endian words, without branches (four columns
 * in ~3 ns per row; a loop that shifts code by code takes about eight times that). One copy per kind of array keeps
 * each call site monomorphic.
 */
export function packerFor(width: number, source: ArrayLike<number>): Packer {
  const key = `${width}${source.constructor.name}`
  let packer = packers.get(key)
  if (!packer) packers.set(key, (packer = generate(width)))
  return packer
}

function generate(width: number): Packer {
  const code = (i: string) => `M[S[i+${i}]-off]`
  const words: string[][] = Array.from({ length: width }, () => [])
  let body = ''
  for (let i = 0; i < 32; i++) {
    const bit = i * width
    const word = bit >> 5
    const shift = bit & 31
    body += `const v${i}=${code(String(i))};`
    words[word].push(shift ? `v${i}<<${shift}` : `v${i}`)
    if (shift + width > 32) words[word + 1].push(`v${i}>>>${32 - shift}`)
  }
  body += words.map((parts, k) => `O[o+${k}]=${parts.join('|')};`).join('')
  const source = `
let o=0,i=from;const end=from+n,whole=from+(n&-32);
for(;i<whole;i+=32){${body}o+=${width};}
if(i<end){
  for(let k=0;k<${width};k++)O[o+k]=0;
  let bit=0;
  for(;i<end;i++){const v=${code('0')},w=o+(bit>>5),s=bit&31;O[w]|=v<<s;if(s+${width}>32)O[w+1]|=v>>>(32-s);bit+=${width};}
}
return (n+7>>3)*${width};`
  return new Function('S', 'from', 'n', 'M', 'off', 'O', source) as Packer
}
