import { type ColorScheme, scale } from '@observablehq/plot'

/** Of one hue: on a dark ground their light end stands for more. */
const ONE_HUE: readonly ColorScheme[] = ['blues', 'greens', 'reds']

/** A colour for 0 (least) to 1 (most) of a scheme, seen on a light or a dark ground. */
export function rampOf(scheme: ColorScheme, dark: boolean): (t: number) => string {
  const ramp = scale({ color: { type: 'linear', domain: [0, 1], scheme } })
  const at = (t: number): string => ramp.apply(Math.min(1, Math.max(0, t)))
  if (!ONE_HUE.includes(scheme)) return at
  return dark ? (t) => at(0.92 - 0.72 * t) : (t) => at(0.1 + 0.85 * t)
}

/** Black or white, whichever is easier to read on it. */
export function inkOn(colour: string): string {
  const [r, g, b] = channels(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 ? '#10151d' : '#ffffff'
}

function channels(colour: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(colour)
  if (hex) return hex.slice(1).map((part) => Number.parseInt(part, 16) / 255)
  return [...colour.matchAll(/[\d.]+/g)].slice(0, 3).map(([part]) => Number(part) / 255)
}

export const isDark = (): boolean => {
  const { theme } = document.documentElement.dataset
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
}
