import {
  interpolateBlues,
  interpolateCividis,
  interpolateGreens,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateRainbow,
  interpolateReds,
  interpolateTurbo,
  interpolateViridis,
} from 'd3-scale-chromatic'
import type { Scheme } from './state.ts'

type Ramp = (t: number) => string

const RAMPS: Record<Scheme, Ramp> = {
  blues: interpolateBlues,
  cividis: interpolateCividis,
  greens: interpolateGreens,
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  reds: interpolateReds,
  rainbow: interpolateRainbow,
  turbo: interpolateTurbo,
  viridis: interpolateViridis,
}

/** Schemes of one hue: on a dark background, their light end means more. */
const ONE_HUE: readonly Scheme[] = ['blues', 'greens', 'reds']

/** The color for 0 (least) to 1 (most) of a scheme, on a light or dark background. */
export function rampOf(scheme: Scheme, dark: boolean): Ramp {
  const at = (t: number): string => RAMPS[scheme](Math.min(1, Math.max(0, t)))
  if (!ONE_HUE.includes(scheme)) return at
  return dark ? (t) => at(0.92 - 0.72 * t) : (t) => at(0.1 + 0.85 * t)
}

/** The scheme from left to right, as a CSS gradient. */
export function gradientOf(ramp: Ramp): string {
  return `linear-gradient(to right, ${Array.from({ length: 17 }, (_, i) => ramp(i / 16)).join()})`
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
