import { CATEGORIES } from '../calibration.ts'
import { BRAND_GROUPS } from './brands.ts'
import { CURVES, type Curve } from './curves.ts'

/**
 * What the retailer sells, one type a line: name; products of its kind, relative; median price in dollars; deviation of
 * the price's logarithm; season (curves.ts); climate, from −2 (sells where and when it is warm) to 2 (cold); share of
 * units that is returned, in %; how many are bought at once; brands (brands.ts); what is bought with it. Types are in
 * the order of a shop's shelves: neighbors can substitute for each other. Prices [R] M ±30 %, all else [R] or [D] L.
 */
const LIST = `
# Electronics
Laptop        ; 8; 650; .45; school ;  0; 10; one; computer; Mouse
Tablet        ; 6; 300; .45; gift   ;  0; 10; one; computer; Case
Case          ; 6;  28; .35; gift   ;  0;  7;    ; power   ;
Monitor       ; 6; 200; .40; desk   ;  0;  8; one; computer; Cable
Television    ; 6; 400; .50; screen ;  0;  8; one; audio   ; Soundbar
Projector     ; 2; 240; .50; screen ;  0; 10; one; audio   ;
Soundbar      ; 4; 160; .50; screen ;  0;  8; one; audio   ;
Speaker       ; 6;  70; .50; gift   ;  0;  7; one; audio   ; Cable
Headphones    ; 8;  70; .55; gift   ;  0;  9; one; audio   ;
Earbuds       ; 7;  55; .55; gift   ;  0;  9; one; audio   ; Charger
Smartwatch    ; 5; 180; .45; gift   ;  0; 10; one; computer; Charger
Camera        ; 4; 450; .45; travel ;  0;  8; one; computer; Memory Card
Memory Card   ; 4;  24; .35; travel ;  0;  3;    ; computer;
Hard Drive    ; 4;  90; .35; desk   ;  0;  6; one; computer;
Keyboard      ; 5;  50; .45; desk   ;  0;  7; one; computer; Mouse
Mouse         ; 6;  28; .40; desk   ;  0;  6; one; computer; Mousepad
Mousepad      ; 3;  14; .30; desk   ;  0;  3;    ; computer;
Webcam        ; 3;  60; .40; school ;  0;  8; one; computer;
Router        ; 3; 110; .40; flat   ;  0;  8; one; computer; Cable
Printer       ; 4; 140; .40; school ;  0;  8; one; computer; Ink Cartridge
Ink Cartridge ; 5;  35; .30; desk   ;  0;  3;    ; computer;
Charger       ; 6;  22; .30; flat   ;  0;  5;    ; power   ; Power Bank
Power Bank    ; 4;  32; .35; travel ;  0;  6;    ; power   ; Cable
Cable         ; 8;  15; .30; flat   ;  0;  3; few; power   ;

# Clothing
Coat          ; 5; 120; .40; winter ;  2; 14; one; outdoor ; Gloves, Scarf
Jacket        ; 6;  65; .40; autumn ;  1; 13; one; outdoor ;
Fleece        ; 4;  48; .30; autumn ;  1; 12; one; outdoor ; Beanie
Sweater       ; 6;  45; .35; autumn ;  1; 12;    ; apparel ; Scarf
Hoodie        ; 5;  40; .30; autumn ;  1; 10;    ; apparel ; T-Shirt
Shirt         ; 7;  36; .35; flat   ;  0; 12;    ; apparel ; Belt
Blouse        ; 5;  38; .35; spring ;  0; 14;    ; apparel ; Skirt
T-Shirt       ;10;  15; .35; summer ; -1;  8; few; apparel ; Shorts
Shorts        ; 6;  28; .30; summer ; -2; 11;    ; apparel ;
Jeans         ; 8;  50; .35; school ;  0; 16;    ; apparel ; Belt
Trousers      ; 5;  44; .35; flat   ;  0; 14;    ; apparel ; Shirt
Leggings      ; 4;  26; .30; flat   ;  0; 11;    ; apparel ;
Dress         ; 8;  55; .40; spring ; -1; 18;    ; apparel ; Skirt
Skirt         ; 5;  36; .35; spring ; -1; 14;    ; apparel ;
Swimsuit      ; 4;  38; .35; beach  ; -2; 16;    ; apparel ; Swim Goggles
Pajamas       ; 4;  34; .30; holiday;  1;  8;    ; apparel ; Slippers
Slippers      ; 3;  24; .30; holiday;  1;  8;    ; shoes   ;
Boots         ; 5;  85; .40; autumn ;  1; 14; one; shoes   ; Socks
Sneakers      ; 8;  70; .40; school ;  0; 14; one; shoes   ; Socks
Sandals       ; 4;  35; .35; summer ; -2; 11; one; shoes   ;
Socks         ; 6;  13; .30; gift   ;  0;  3; few; apparel ;
Belt          ; 3;  26; .35; gift   ;  0;  7;    ; apparel ;
Sun Hat       ; 2;  22; .30; summer ; -2;  6;    ; outdoor ; Sandals
Beanie        ; 3;  18; .30; winter ;  2;  5;    ; outdoor ; Scarf
Gloves        ; 4;  22; .35; winter ;  2;  7;    ; outdoor ; Scarf, Beanie
Scarf         ; 4;  22; .35; winter ;  2;  7;    ; apparel ;

# Home
Sheets        ; 5;  55; .40; bedding;  0; 10;    ; bed      ; Pillow
Pillow        ; 4;  24; .40; bedding;  0;  9; few; bed      ;
Comforter     ; 3;  80; .40; bedding;  1; 13; one; bed      ; Sheets
Blanket       ; 5;  35; .40; autumn ;  1;  8;    ; bed      ; Cushion
Cushion       ; 5;  22; .35; flat   ;  0;  9; few; bed      ;
Curtains      ; 4;  38; .40; flat   ;  0; 14;    ; bed      ;
Towel         ; 5;  14; .35; bedding;  0;  6; few; bed      ; Bath Mat
Bath Mat      ; 3;  22; .30; bedding;  0;  8;    ; bed      ;
Rug           ; 4; 110; .60; flat   ;  0; 16; one; decor    ;
Lamp          ; 5;  48; .45; autumn ;  0; 12;    ; decor    ;
Mirror        ; 3;  60; .50; flat   ;  0; 13; one; decor    ;
Clock         ; 3;  28; .35; gift   ;  0;  8; one; decor    ;
Picture Frame ; 4;  18; .35; gift   ;  0;  6; few; decor    ;
Vase          ; 3;  26; .40; spring ;  0;  8;    ; decor    ;
Candle        ; 6;  16; .35; holiday;  0;  2; few; decor    ; Candlestick
Candlestick   ; 3;  24; .35; holiday;  0;  6; few; decor    ;
Storage Bin   ; 4;  16; .35; bedding;  0;  5; few; decor    ;
Laundry Basket; 3;  24; .30; bedding;  0;  6;    ; decor    ;
Heater        ; 2;  60; .40; cold   ;  2; 12; one; appliance;
Fan           ; 3;  40; .40; heat   ; -2; 10; one; appliance;
Vacuum        ; 3; 160; .50; flat   ;  0; 13; one; appliance;
Toaster       ; 2;  38; .40; gift   ;  0; 10; one; appliance;
Blender       ; 3;  65; .50; gift   ;  0; 12; one; appliance;
Coffee Maker  ; 3;  75; .50; gift   ;  0; 12; one; appliance; Coffee Filters, Mug
Coffee Filters; 2;   6; .25; flat   ;  0;  1; few; kitchen  ;
Kettle        ; 3;  40; .40; gift   ;  0;  9; one; appliance; Mug
Mug           ; 5;  12; .30; holiday;  0;  3; few; kitchen  ;
Skillet       ; 4;  38; .40; gift   ;  0;  6; one; kitchen  ; Spatula
Saucepan      ; 4;  36; .40; gift   ;  0;  6; one; kitchen  ;
Spatula       ; 2;  10; .25; gift   ;  0;  2;    ; kitchen  ;
Chef's Knife  ; 3;  45; .50; gift   ;  0;  6; one; kitchen  ; Cutting Board
Cutting Board ; 3;  24; .35; gift   ;  0;  5;    ; kitchen  ;
Dinner Plates ; 3;  42; .35; holiday;  0;  8;    ; kitchen  ; Glasses
Glasses       ; 3;  26; .35; holiday;  0;  8;    ; kitchen  ;

# Books
Novel         ;16;  16; .20; reading;  0;  4;    ; press; Bookmark
Mystery       ;12;  15; .20; reading;  0;  4;    ; press;
Thriller      ;10;  15; .20; reading;  0;  4;    ; press;
Romance       ; 8;  13; .20; reading;  0;  4;    ; press;
Fantasy       ; 8;  18; .20; gift   ;  0;  4;    ; press; Bookmark
Biography     ; 8;  27; .20; gift   ;  0;  5;    ; press;
History       ; 7;  25; .25; gift   ;  0;  5;    ; press;
Cookbook      ; 8;  28; .25; gift   ;  0;  5;    ; press; Spatula
Travel Guide  ; 6;  20; .20; travel ;  0;  5;    ; press;
Field Guide   ; 4;  19; .20; camp   ;  0;  5;    ; press;
Picture Book  ; 9;  14; .25; gift   ;  0;  4; few; press;
Workbook      ; 5;  13; .25; school ;  0;  5; few; press; Pencil Set
Textbook      ; 5;  85; .30; course ;  0; 12; one; press; Pencil Set
Planner       ; 3;  18; .25; school ;  0;  4;    ; press; Pencil Set
Pencil Set    ; 2;  11; .30; school ;  0;  3; few; press;
Bookmark      ; 2;   5; .25; gift   ;  0;  1; few; press;

# Sports
Tent          ; 4; 150; .50; camp      ; -1; 11; one; camp   ; Sleeping Bag, Lantern
Sleeping Bag  ; 4;  65; .40; camp      ;  0; 10;    ; camp   ;
Lantern       ; 3;  32; .40; camp      ;  0;  7;    ; camp   ;
Camp Chair    ; 3;  40; .35; camp      ; -1;  7; few; camp   ; Cooler
Cooler        ; 3;  48; .50; beach     ; -1;  7; one; camp   ;
Backpack      ; 5;  60; .45; school    ;  0; 11; one; camp   ; Water Bottle
Water Bottle  ; 5;  22; .35; flat      ;  0;  3;    ; fitness;
Yoga Mat      ; 4;  28; .40; resolution;  0;  6;    ; fitness; Water Bottle
Dumbbells     ; 5;  45; .50; resolution;  0;  3;    ; fitness; Yoga Mat
Kettlebell    ; 3;  40; .40; resolution;  0;  3;    ; fitness;
Foam Roller   ; 2;  24; .30; resolution;  0;  6; one; fitness;
Jump Rope     ; 2;  14; .30; resolution;  0;  3;    ; fitness;
Treadmill     ; 1; 600; .40; resolution;  0; 10; one; fitness;
Football      ; 3;  25; .35; ball      ;  0;  3;    ; field  ; Ball Pump
Basketball    ; 3;  30; .35; court     ;  0;  3;    ; field  ; Ball Pump
Soccer Ball   ; 3;  24; .35; ball      ;  0;  3;    ; field  ;
Ball Pump     ; 2;  12; .25; ball      ;  0;  2;    ; field  ;
Baseball Mitt ; 2;  48; .45; spring    ;  0;  7; one; field  ;
Tennis Racket ; 3;  75; .50; summer    ; -1;  8; one; field  ; Tennis Balls
Tennis Balls  ; 2;   9; .25; summer    ; -1;  1; few; field  ;
Swim Goggles  ; 3;  18; .30; beach     ; -1;  6;    ; fitness;
Fishing Rod   ; 3;  60; .50; camp      ; -1;  7; one; camp   ; Tackle Box
Tackle Box    ; 2;  28; .40; camp      ; -1;  3;    ; camp   ;
Helmet        ; 4;  50; .40; camp      ;  0;  8; one; field  ; Skates
Skates        ; 3;  75; .35; snow      ;  2; 11; one; field  ;
Sled          ; 2;  45; .35; snow      ;  2;  6; one; camp   ;
`

/** How many units are bought at once. */
export type Quantity = 'one' | 'few' | 'by price'

export interface ProductType {
  name: string
  /** Index in CATEGORIES. */
  category: number
  /** Products of this type, relative to the others of its category. */
  breadth: number
  /** Median regular price in dollars, and the deviation of its logarithm. */
  price: number
  spread: number
  curve: Curve
  /** −2 … 2: how much more it sells where and when it is colder. */
  climate: number
  /** Share of units sold that customers bring back. */
  returned: number
  quantity: Quantity
  /** Index in BRAND_GROUPS. */
  brands: number
  /** Types often bought together with it, as indexes in TYPES; if a has b, then b has a. */
  complements: readonly number[]
}

export const TYPES: readonly ProductType[] = parse(LIST)

/** Index in TYPES of the first type of each category; one more entry is the end. */
export const FIRST_TYPE: readonly number[] = [
  ...CATEGORIES.map((_, category) => TYPES.findIndex((type) => type.category === category)),
  TYPES.length,
]

function parse(list: string): ProductType[] {
  const sections = list.split('# ').slice(1)
  const types = sections.flatMap((section) => {
    const [title, ...lines] = section.trim().split('\n')
    const category = indexOf(CATEGORIES, title)
    return lines.map((line) => ({ category, cells: line.split(';').map((cell) => cell.trim()) }))
  })
  const names = types.map(({ cells }) => cells[0])
  const partners = names.map(() => new Set<number>())
  types.forEach(({ cells }, a) => {
    for (const name of cells[9] === '' ? [] : cells[9].split(', ')) {
      const b = indexOf(names, name)
      partners[a].add(b)
      partners[b].add(a)
    }
  })
  const groups = BRAND_GROUPS.map(({ name }) => name)
  return types.map(({ category, cells: [name, breadth, price, spread, curve, climate, returned, few, brands] }, i) => ({
    name,
    category,
    breadth: Number(breadth),
    price: Number(price),
    spread: Number(spread),
    curve: curve as Curve,
    climate: Number(climate),
    returned: Number(returned) / 100,
    quantity: few === '' ? 'by price' : (few as Quantity),
    brands: indexOf(groups, brands),
    complements: [...partners[i]].sort((a, b) => a - b),
  }))
}

function indexOf(names: readonly string[], name: string): number {
  const index = names.indexOf(name)
  if (index < 0) throw new RangeError(`${name} is not one of ${names.join(', ')}`)
  return index
}

for (const { name, curve } of TYPES) if (!(curve in CURVES)) throw new RangeError(`${name} has no season ${curve}`)
