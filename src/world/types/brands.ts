/**
 * Invented brands by what they make, from the cheapest to the dearest. A brand has one supplier. Brands of books are
 * publishers; their names are not part of a title.
 */
const LIST = `
computer: Tessel, Brightline, Veltron, Lumio, Halden, Corvid, Kestrel, Nordlys
audio: Bellwave, Clearwave, Tonewell, Vista One, Larkin, Sonora, Resona, Auralis
power: Snapfit, Cordline, Plugwell, Voltway, Gridwell, Amperly
outdoor: Westerly, Fairhaven, Coldbrook, Ridgeway, Birchwood, Northfield, Fellside, Alder & Pine
apparel: Common Thread, Oakmont, Wren, Linden Street, Fairweather, Juniper Lane, Marlowe, Bellamy, Hadley & Rowe, Sable & Finch
shoes: Footloft, Brightstep, Longmile, Hollis, Trailhead, Corso
bed: Cottonwood, Soft Harbor, Nest & Nook, Dovetail Home, Larkspur Home, Willow & Loom, Harbor Linen, Quiet Hours
decor: Parlor, Tidewater, Fieldstone, Little Forge, Lumen House, Ember & Oak, Ash & Ivory
kitchen: Daily Table, Stonebrook, Brennan, Culina, Maple Kitchen, Ironside, Hearth & Vine, Copper Hearth
appliance: Domestica, Vento, Northwind, Hearthwell, Brisa, Calder
press: Sparrow & Sons, Lantern House, Harrow Lane, Oxbow, Foxglove Press, Tall Pines Press, Meridian Books, Blue Heron Press
camp: Big Timber, Lakeshore, Pinecrest, Fernhollow, Camp Meridian, Basecamp & Co, High Meadow
fitness: Flexwell, Coreform, Powerhaus, Kinetiq, Ironvale, Stillpoint
field: Homefield, All-County, Varsity Yard, Courtside, Gridiron & Sons, Matchpoint
`

export interface BrandGroup {
  name: string
  /** Number of its first brand in BRANDS. */
  first: number
  count: number
}

export const BRANDS: readonly string[] = []
export const BRAND_GROUPS: readonly BrandGroup[] = LIST.trim()
  .split('\n')
  .map((line) => {
    const [name, brands] = line.split(': ')
    const names = brands.split(', ')
    const first = (BRANDS as string[]).push(...names) - names.length
    return { name, first, count: names.length }
  })
