import { styleText } from 'node:util'
import type { Io, Sink } from '../io.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (style: Style, text: string) => string

/**
 * Colors are decided per stream: `retail status | less` has none on stdout and keeps them on stderr.
 */
export function painter(io: Pick<Io, 'env'>, sink: Sink, allowed: boolean): Paint {
  const coloured = allowed && wantsColour(io.env, sink)
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text)
}

function wantsColour(env: Io['env'], sink: Sink): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return sink.isTTY === true && env.TERM !== 'dumb'
}
