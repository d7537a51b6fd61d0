/** name, state, time zone, population in thousands (2020 Census; [P] H for the large ones, rounded). Every state has at least one. */
export type Zone = 'ET' | 'CT' | 'MT' | 'AZ' | 'PT' | 'AK' | 'HI'

export interface City {
  name: string
  state: string
  zone: Zone
  populationThousands: number
}

const LIST = `
New York,NY,ET,8804;Los Angeles,CA,PT,3899;Chicago,IL,CT,2746;Houston,TX,CT,2305;Phoenix,AZ,AZ,1608;Philadelphia,PA,ET,1604
San Antonio,TX,CT,1435;San Diego,CA,PT,1387;Dallas,TX,CT,1304;San Jose,CA,PT,1013;Austin,TX,CT,962;Jacksonville,FL,ET,950
Fort Worth,TX,CT,919;Columbus,OH,ET,906;Indianapolis,IN,ET,888;Charlotte,NC,ET,875;San Francisco,CA,PT,874;Seattle,WA,PT,737
Denver,CO,MT,716;Washington,DC,ET,690;Nashville,TN,CT,689;Oklahoma City,OK,CT,681;El Paso,TX,MT,679;Boston,MA,ET,676
Portland,OR,PT,653;Las Vegas,NV,PT,642;Detroit,MI,ET,639;Memphis,TN,CT,633;Louisville,KY,ET,633;Baltimore,MD,ET,586
Milwaukee,WI,CT,577;Albuquerque,NM,MT,565;Tucson,AZ,AZ,543;Fresno,CA,PT,542;Sacramento,CA,PT,525;Kansas City,MO,CT,508
Mesa,AZ,AZ,504;Atlanta,GA,ET,499;Omaha,NE,CT,486;Colorado Springs,CO,MT,479;Raleigh,NC,ET,468;Long Beach,CA,PT,467
Virginia Beach,VA,ET,459;Miami,FL,ET,442;Oakland,CA,PT,441;Minneapolis,MN,CT,430;Tulsa,OK,CT,413;Bakersfield,CA,PT,403
Wichita,KS,CT,398;Arlington,TX,CT,394;Aurora,CO,MT,386;Tampa,FL,ET,385;New Orleans,LA,CT,384;Cleveland,OH,ET,373
Honolulu,HI,HI,351;Anaheim,CA,PT,347;Lexington,KY,ET,323;Stockton,CA,PT,321;Corpus Christi,TX,CT,318;Henderson,NV,PT,318
Riverside,CA,PT,315;Newark,NJ,ET,312;Saint Paul,MN,CT,312;Santa Ana,CA,PT,310;Cincinnati,OH,ET,309;Irvine,CA,PT,308
Orlando,FL,ET,308;Pittsburgh,PA,ET,303;St. Louis,MO,CT,302;Greensboro,NC,ET,299;Jersey City,NJ,ET,292;Anchorage,AK,AK,291
Lincoln,NE,CT,291;Plano,TX,CT,285;Durham,NC,ET,284;Buffalo,NY,ET,278;Chandler,AZ,AZ,276;Chula Vista,CA,PT,275
Toledo,OH,ET,271;Madison,WI,CT,270;Gilbert,AZ,AZ,268;Reno,NV,PT,264;Fort Wayne,IN,ET,264;North Las Vegas,NV,PT,262
St. Petersburg,FL,ET,258;Lubbock,TX,CT,257;Irving,TX,CT,257;Laredo,TX,CT,255;Winston-Salem,NC,ET,250;Chesapeake,VA,ET,249
Glendale,AZ,AZ,248;Garland,TX,CT,246;Scottsdale,AZ,AZ,241;Norfolk,VA,ET,238;Boise,ID,MT,236;Fremont,CA,PT,230
Spokane,WA,PT,229;Santa Clarita,CA,PT,229;Baton Rouge,LA,CT,227;Richmond,VA,ET,227;Hialeah,FL,ET,223;San Bernardino,CA,PT,222
Tacoma,WA,PT,219;Modesto,CA,PT,218;Huntsville,AL,CT,215;Des Moines,IA,CT,214;Yonkers,NY,ET,212;Rochester,NY,ET,211
Moreno Valley,CA,PT,209;Fayetteville,NC,ET,209;Fontana,CA,PT,208;Columbus,GA,ET,207;Worcester,MA,ET,207;Port St. Lucie,FL,ET,205
Little Rock,AR,CT,203;Augusta,GA,ET,202;Oxnard,CA,PT,202;Birmingham,AL,CT,201;Montgomery,AL,CT,201;Frisco,TX,CT,200
Amarillo,TX,CT,200;Salt Lake City,UT,MT,200;Grand Rapids,MI,ET,199;Overland Park,KS,CT,197;Tallahassee,FL,ET,196;Grand Prairie,TX,CT,196
Sioux Falls,SD,CT,193;Providence,RI,ET,191;Akron,OH,ET,190;Knoxville,TN,ET,191;Mobile,AL,CT,187;Chattanooga,TN,ET,181
Vancouver,WA,PT,191;Fort Lauderdale,FL,ET,183;Salem,OR,PT,176;Eugene,OR,PT,177;Springfield,MO,CT,169;Fort Collins,CO,MT,170
Jackson,MS,CT,154;Bridgeport,CT,ET,149;Charleston,SC,ET,150;Columbia,SC,ET,137;Cedar Rapids,IA,CT,138;Provo,UT,MT,115
Fargo,ND,CT,126;Billings,MT,MT,117;Manchester,NH,ET,116;Las Cruces,NM,MT,111;Gulfport,MS,CT,73;Wilmington,DE,ET,71
Portland,ME,ET,68;Cheyenne,WY,MT,65;Charleston,WV,ET,49;Burlington,VT,ET,45;Missoula,MT,MT,73;Rapid City,SD,MT,75
`

export const CITIES: readonly City[] = LIST.trim()
  .split(/[;\n]/)
  .map((entry) => {
    const [name, state, zone, population] = entry.split(',')
    return { name, state, zone: zone as Zone, populationThousands: Number(population) }
  })

const numbered = (lists: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(lists.flatMap((states, index) => states.split(' ').map((state) => [state, index])))

/** Census regions, which share their weather. */
const REGION_OF = numbered([
  'CT ME MA NH RI VT NJ NY PA',
  'IL IN MI OH WI IA KS MN MO NE ND SD',
  'DE DC FL GA MD NC SC VA WV AL KY MS TN AR LA OK TX',
  'AZ CO ID MT NV NM UT WY AK CA HI OR WA',
])
export const regionOf = (state: string): number => REGION_OF[state]

/** The Northeast; the rest of the North, to the Rockies and Alaska; states of mild winters; the Sun Belt. */
const CLIMATE_OF = numbered([
  'CT ME MA NH RI VT NJ NY PA',
  'IL IN MI OH WI IA KS MN MO NE ND SD CO ID MT UT WY AK',
  'DE DC MD NC VA WV KY TN AR OK WA OR',
  'FL GA SC AL MS LA TX AZ CA HI NV NM',
])
export const climateOf = (state: string): number => CLIMATE_OF[state]
/** Cold of a climate's winter, relative: 0 is the mean of the country. [D] M, by mean January temperatures. */
export const COLDNESS = [0.8, 1, 0.1, -0.9] as const
export const CLIMATES = COLDNESS.length
