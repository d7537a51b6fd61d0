/** What build.mjs produces from the atlas: path data by FIPS code, in a box of this size. */
declare module 'us-atlas/states-albers-10m.json' {
  const map: { width: number; height: number; outlines: Readonly<Record<string, string>> }
  export default map
}

declare module 'd3-scale-chromatic' {
  type Ramp = (t: number) => string
  export const interpolateBlues: Ramp
  export const interpolateCividis: Ramp
  export const interpolateGreens: Ramp
  export const interpolateInferno: Ramp
  export const interpolateMagma: Ramp
  export const interpolatePlasma: Ramp
  export const interpolateRainbow: Ramp
  export const interpolateReds: Ramp
  export const interpolateTurbo: Ramp
  export const interpolateViridis: Ramp
}
