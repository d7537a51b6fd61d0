/**
 * The words between brand and type in a product's name: slots joined by ` + `, the choices of a slot by `/`. A slot that
 * starts with `<` is in the order of price: dearer products of the type have later words. `-` is no word.
 */
const LIST = `
Laptop: Nova/Orbit/Arc/Summit/Delta/Pilot + <11-inch/13-inch/14-inch/15-inch/16-inch/17-inch + <Student/Everyday/Slim/Touchscreen/Business/Creator/Gaming
Tablet: Nova/Orbit/Page/Slate/Canvas + <7-inch/8-inch/10-inch/11-inch/12-inch/13-inch + <Kids'/Reader/Wi-Fi/Drawing/Pro
Case: Black/Gray/Blue/Rose/Green + <Slim/Folding/Rugged/Keyboard/Leather + 8-inch/10-inch/11-inch/12-inch + Tablet
Monitor: <19-inch/22-inch/24-inch/27-inch/32-inch/34-inch + <HD/Full HD/Curved/QHD/4K/Ultrawide + -/Office/Slim/Frameless
Television: <24-inch/32-inch/40-inch/43-inch/50-inch/55-inch/65-inch/75-inch + <HD/Full HD/LED/4K/QLED/OLED + Smart/Slim/Frameless/Bedroom
Projector: <Pocket/Mini/Portable/Home Theater/Short-Throw/Laser + <480p/720p/1080p/4K
Soundbar: <2.0-Channel/2.1-Channel/3.1-Channel/5.1-Channel/7.1-Channel + Compact/Bluetooth/Wall-Mount/Wireless
Speaker: Bluetooth/Shower/Party/Bookshelf/Outdoor/Wireless + <Mini/Pocket/Portable/Stereo/360°/Smart/Tower
Headphones: Wired/Wireless/Studio/Travel/Gaming/Kids' + <On-Ear/Foldable/Over-Ear/Noise-Canceling/Hi-Fi
Earbuds: Black/White/Blue/Sand/Rose/Mint/Gray + <Wired/Sport/Sleep/Wireless/Waterproof/Noise-Canceling
Smartwatch: Active/Classic/Trail/Swim/City/Kids' + <38 mm/40 mm/42 mm/44 mm/46 mm + <Fitness/GPS/Cellular
Camera: <Instant/Compact/Action/Bridge/Mirrorless/Full-Frame + Travel/Vlogging/Outdoor/Family/Zoom/Street
Memory Card: <32 GB/64 GB/128 GB/256 GB/512 GB/1 TB + SD/microSD/High-Speed SD/High-Speed microSD/Rugged SD/Video microSD
Hard Drive: <500 GB/1 TB/2 TB/4 TB/5 TB/8 TB + Portable/Desktop/Solid-State/Rugged
Keyboard: Wired/Wireless/Bluetooth/Compact/Quiet + <Membrane/Scissor-Key/Backlit/Ergonomic/Mechanical/Gaming
Mouse: Wired/Wireless/Bluetooth/Silent/Travel/Left-Handed + <Basic/Optical/Ergonomic/Trackball/Gaming
Mousepad: Black/Gray/Blue/World Map/Marble/Forest/Botanical + <Mini/Standard/Wrist-Rest/Large/Desk-Wide/Gaming
Webcam: <480p/720p/1080p/2K/4K + Clip-On/Ring-Light/Wide-Angle/Streaming/Autofocus/Meeting/Swivel
Router: <Dual-Band/Tri-Band/Mesh + Wi-Fi 5/Wi-Fi 6/Wi-Fi 6E/Wi-Fi 7 + -/Travel/Gaming/Home/Desktop/Wall-Plug
Printer: <Compact/Color/Photo/All-in-One/Wide-Format + Inkjet/Laser/Wireless Inkjet/Wireless Laser
Ink Cartridge: Black/Cyan/Magenta/Yellow/Tricolor/Photo Black + <Economy/Standard/Twin-Pack/XL/XXL
Charger: Black/White/Gray + <18 W/20 W/30 W/45 W/65 W/100 W + USB-C/Wall/Car/Wireless/Two-Port/Folding
Power Bank: Black/White/Blue/Silver + <5,000 mAh/8,000 mAh/10,000 mAh/15,000 mAh/20,000 mAh/27,000 mAh + Slim/Pocket/Magnetic/Solar/Fast-Charge
Cable: <3-Foot/4-Foot/6-Foot/10-Foot/15-Foot + Flat/White/Black/Gray/Red/Braided/Right-Angle + <USB/Charging/USB-C/Ethernet/HDMI/DisplayPort
Coat: $who + $dark + <Rain/Puffer/Trench/Pea/Wool/Down/Shearling
Jacket: $who + $dark + <Windbreaker/Denim/Rain/Quilted/Softshell/Ski/Leather
Fleece: $who + $color + <Pullover/Half-Zip/Full-Zip/Hooded/Sherpa
Sweater: $who + $color + <Acrylic/Cotton/Crewneck/Cable-Knit/Turtleneck/Merino/Cashmere
Hoodie: $who + $color + <Lightweight/Pullover/Zip/Oversized/Heavyweight
Shirt: $adult + White/Blue/Gray/Olive/Striped/Plaid/Checked/Navy + <Short-Sleeve/Poplin/Flannel/Oxford/Chambray/Linen
Blouse: Women's + White/Ivory/Blush/Navy/Floral/Striped/Emerald/Black + <Sleeveless/Button-Front/Wrap/Ruffled/Pleated/Silk
T-Shirt: $who + $color + <Crewneck/V-Neck/Graphic/Pocket/Long-Sleeve/Organic Cotton
Shorts: $who + Khaki/Navy/Black/Olive/Gray/Stone/White/Red + <Jersey/Running/Cargo/Denim/Chino/Linen
Jeans: $who + Black/Light-Wash/Mid-Wash/Dark-Wash/Gray/White/Indigo + <Skinny/Slim/Straight/Relaxed/Bootcut/Selvedge
Trousers: $adult + Khaki/Navy/Black/Gray/Olive/Stone/Brown + <Jogger/Cargo/Chino/Pleated/Wide-Leg/Wool
Leggings: Women's/Girls' + Black/Navy/Plum/Gray/Olive/Burgundy/Printed + <Cotton/Cropped/Ribbed/High-Rise/Thermal/Yoga
Dress: Women's/Girls' + Black/Navy/Floral/Red/Emerald/Striped/Polka-Dot/Ivory/Lilac + <Jersey/Shift/Shirt/Wrap/Maxi/Party/Silk
Skirt: Women's/Girls' + Black/Navy/Plaid/Floral/Denim/Camel/Burgundy + <Skater/A-Line/Mini/Pleated/Midi/Maxi
Swimsuit: $who + Navy/Black/Coral/Teal/Striped/Floral/Red + <Classic/Racing/Long-Sleeve/Quick-Dry/Chlorine-Proof
Pajamas: $who + Navy/Plaid/Striped/Red/Gray/Star-Print/Snowflake + <Jersey/Cotton/Flannel/Fleece/Satin
Slippers: $who + Gray/Navy/Brown/Plaid/Pink/Cream + <Slip-On/Ballet/Memory-Foam/Suede/Sheepskin
Boots: $who + Black/Brown/Tan/Gray/Olive + <Rain/Ankle/Chelsea/Snow/Hiking/Leather
Sneakers: $who + White/Black/Gray/Navy/Red/Teal/Sand + <Canvas/Slip-On/Court/Walking/Running/Trail
Sandals: $who + Black/Brown/Tan/Navy/White/Coral + <Flip-Flop/Slide/Strappy/Sport/Cork/Leather
Socks: $who + Black/White/Gray/Striped/Navy/Argyle/Assorted + <Three-Pair/Ankle/Crew/Six-Pair/Hiking/Merino
Belt: $adult + Black/Brown/Tan/Cognac/Navy + <Woven/Canvas/Reversible/Leather/Braided Leather
Sun Hat: $adult + Natural/White/Khaki/Navy/Striped/Black + <Cotton/Bucket/Packable/Straw/Wide-Brim
Beanie: $who + $color + <Acrylic/Ribbed/Pom-Pom/Fleece-Lined/Cable-Knit/Merino
Gloves: $who + $dark + <Knit/Touchscreen/Fleece/Insulated/Ski/Leather
Scarf: $adult + Plaid/Charcoal/Camel/Burgundy/Striped/Navy/Cream/Forest Green + <Knit/Infinity/Fringed/Blanket/Wool/Cashmere
Sheets: $bed + White/Ivory/Gray/Sage/Navy/Striped/Floral + <Microfiber/Jersey/Cotton/Percale/Sateen/Flannel/Linen
Pillow: Standard/Queen/King + <Polyester/Side-Sleeper/Cooling/Memory-Foam/Feather/Down + Soft/Medium/Firm
Comforter: $bed + White/Gray/Navy/Sage/Blush/Plaid + <Microfiber/Reversible/Cotton/Quilted/Down
Blanket: $soft + <Fleece/Knit/Sherpa/Cotton/Weighted/Wool
Cushion: $soft + <Cotton/Corduroy/Chenille/Linen/Velvet/Embroidered
Curtains: 63-Inch/84-Inch/95-Inch/108-Inch + White/Gray/Navy/Sage/Taupe/Striped + <Sheer/Grommet/Blackout/Linen/Velvet
Towel: White/Gray/Navy/Sage/Sand/Blush/Teal + <Hand/Quick-Dry/Bath/Waffle/Turkish Cotton/Bath-Sheet
Bath Mat: White/Gray/Navy/Sage/Sand/Charcoal + <Chenille/Cotton/Memory-Foam/Bamboo/Stone
Rug: Gray/Ivory/Navy/Rust/Sage/Multicolor/Geometric/Striped + <2 x 3/3 x 5/4 x 6/5 x 7/8 x 10/9 x 12 + Flatweave/Shag/Jute/Braided/Woven/Indoor-Outdoor
Lamp: White/Brass/Black/Oak/Ceramic/Copper + <Clip-On/Desk/Bedside/Table/Reading/Floor/Arc Floor
Mirror: Black/Gold/Silver/Oak/Walnut/White + <Vanity/Round/Oval/Wall/Arched/Full-Length
Clock: White/Black/Oak/Copper/Red/Silver + <Alarm/Digital/Wall/Mantel/Pendulum
Picture Frame: Black/Gold/Silver/White/Oak/Walnut/Rosewood + <4 x 6/5 x 7/8 x 10/11 x 14/16 x 20
Vase: White/Blue/Amber/Green/Terracotta/Smoke/Clear + <Bud/Glass/Ceramic/Stoneware/Hand-Blown/Crystal
Candle: Vanilla/Cedar/Lavender/Fig/Sea Salt/Pine/Amber/Citrus/Apple Cider/Linen/Rose + <Votive/Pillar/Tin/Jar/Soy/Three-Wick
Candlestick: Brass/Black/Silver/White/Oak/Copper + <Short/Tapered/Tall/Two-Piece/Three-Arm
Storage Bin: Gray/White/Clear/Navy/Natural/Sage + <Small/Stackable/Fabric/Lidded/Woven/Rolling
Laundry Basket: White/Gray/Natural/Navy/Black + <Collapsible/Slim/Round/Two-Handle/Wicker/Divided
Heater: <Desktop/Ceramic/Fan/Oil-Filled/Tower/Infrared + <500 W/750 W/1,000 W/1,500 W + -/Quiet/Oscillating
Fan: White/Black/Silver/Gray + <Clip-On/Desk/Table/Box/Pedestal/Tower + -/Oscillating/Quiet/Three-Speed
Vacuum: <Handheld/Stick/Upright/Canister/Cordless/Robot + Pet/Compact/Bagless/HEPA/Wet-Dry
Toaster: White/Black/Steel/Red/Cream/Sage + <Two-Slice/Long-Slot/Four-Slice/Digital
Blender: White/Black/Steel/Red/Gray + <Personal/Immersion/Countertop/Glass-Jar/High-Speed/Professional
Coffee Maker: Black/Steel/White/Red + <5-Cup/8-Cup/10-Cup/12-Cup/14-Cup + <Single-Serve/Drip/Cold-Brew/Programmable/Thermal/Grind-and-Brew
Coffee Filters: 4-Cup/6-Cup/8-Cup/10-Cup/12-Cup + White/Natural/Unbleached/Bamboo + Cone/Basket + <50-Pack/100-Pack/200-Pack
Kettle: White/Black/Steel/Copper/Sage/Cream + <Whistling/Stovetop/Electric/Glass/Gooseneck/Variable-Temperature
Mug: White/Blue/Speckled/Sage/Terracotta/Black/Floral/Striped + <12-Ounce/14-Ounce/Latte/Stoneware/Travel/Hand-Thrown
Skillet: <8-Inch/9-Inch/10-Inch/12-Inch/14-Inch + <Aluminum/Nonstick/Cast-Iron/Ceramic/Carbon-Steel/Copper
Saucepan: <1-Quart/1.5-Quart/2-Quart/3-Quart/4-Quart + <Aluminum/Nonstick/Stainless/Ceramic/Enameled/Copper
Spatula: Red/Black/Gray/Teal/Cream + <Slotted/Silicone/Flexible/Bamboo/Fish/Offset
Chef's Knife: <6-Inch/7-Inch/8-Inch/10-Inch + <Stamped/Ceramic/Stainless/Santoku/Forged/Damascus
Cutting Board: <Small/Medium/Large/Extra-Large + <Plastic/Bamboo/Rubberwood/Acacia/Maple/Walnut + -/Grooved/Reversible
Dinner Plates: <Set-of-4/Set-of-6/Set-of-8 + White/Blue/Speckled/Sage/Floral/Cream + <Melamine/Porcelain/Stoneware/Bone China
Glasses: <Set-of-2/Set-of-4/Set-of-6/Set-of-8 + Juice/Tumbler/Highball/Wine/Champagne/Whiskey + -/Stemless/Etched/Ribbed
Tent: Green/Blue/Orange/Sand + <1-Person/2-Person/3-Person/4-Person/6-Person/8-Person + <Beach/Pop-Up/Festival/Dome/Backpacking/Cabin/Four-Season
Sleeping Bag: Kids'/Adult + Blue/Green/Gray/Red + <50°F/40°F/30°F/20°F/0°F + <Rectangular/Compact/Mummy/Down
Lantern: <Pocket/Collapsible/LED/Rechargeable/Solar/Propane + Camping/Tabletop/Hanging/Emergency
Camp Chair: Blue/Green/Gray/Red/Striped/Navy + <Folding/Low/Padded/Reclining/Rocking
Cooler: Blue/Gray/White/Red/Tan + <6-Can/12-Can/20-Quart/30-Quart/48-Quart/60-Quart + <Soft/Backpack/Hard/Wheeled/Rotomolded
Backpack: Black/Navy/Green/Gray/Red + <12 L/18 L/22 L/28 L/40 L/55 L/65 L + <Drawstring/School/Day/Commuter/Laptop/Hiking/Expedition
Water Bottle: Blue/Black/White/Teal/Pink/Green + <16-Ounce/20-Ounce/24-Ounce/32-Ounce/40-Ounce/64-Ounce + <Plastic/Squeeze/Filter/Glass/Steel/Insulated
Yoga Mat: <3 mm/4 mm/5 mm/6 mm/8 mm + Purple/Teal/Gray/Black/Blue/Sage + <Folding/Travel/Nonslip/Rubber/Cork
Dumbbells: Black/Gray/Blue/Purple/Teal/Green + <2-Pound/5-Pound/8-Pound/10-Pound/15-Pound/20-Pound/25-Pound/40-Pound + <Vinyl/Neoprene/Rubber Hex/Cast-Iron/Adjustable
Kettlebell: Black/Gray/Blue/Red + <5-Pound/10-Pound/15-Pound/20-Pound/30-Pound/40-Pound/50-Pound + <Vinyl/Soft-Base/Cast-Iron/Competition
Foam Roller: Black/Blue/Teal/Orange + <12-Inch/18-Inch/24-Inch/36-Inch + Smooth/Textured/Firm/Half-Round/Vibrating
Jump Rope: Kids'/Adult + Red/Black/Blue/Green + <Beaded/Plastic/Steel-Wire/Speed/Weighted
Treadmill: <Walking-Pad/Under-Desk/Manual/Folding/Incline/Training + <1.5 HP/2.25 HP/2.5 HP/3 HP/3.5 HP
Football: Brown/Black/Tan/Orange + Pee-Wee/Junior/Youth/Official-Size + <Foam/Rubber/Composite/Grip/Leather
Basketball: Youth/Size 5/Size 6/Size 7 + <Rubber/Outdoor/Indoor-Outdoor/Composite/Leather + Street/School/Game/Orange/Two-Tone
Soccer Ball: Size 3/Size 4/Size 5 + Training/Match/Street/Futsal/Beach/Club + <Stitched/Foam-Backed/Textured/Thermal-Bonded
Ball Pump: Black/Blue/Red/Silver/Yellow + <Mini/Hand/Dual-Action/Pressure-Gauge/Electric
Baseball Mitt: Brown/Black/Tan + Left-Hand/Right-Hand + <T-Ball/Youth/Infield/Outfield/First-Base/Catcher's
Tennis Racket: Red/Blue/Black/White + Junior/Adult + <Starter/Aluminum/Lightweight/Graphite/Control/Tournament
Tennis Balls: <3-Count/4-Count/6-Count/12-Count/24-Count + Practice/Championship/Clay-Court/Hard-Court/Junior
Swim Goggles: Kids'/Youth/Adult + Blue/Clear/Smoke/Mirrored/Pink + <Splash/Training/Anti-Fog/Wide-View/Racing
Fishing Rod: <5-Foot/5.5-Foot/6-Foot/6.5-Foot/7-Foot/9-Foot + <Kids'/Telescopic/Spincast/Spinning/Casting/Fly
Tackle Box: Green/Gray/Blue/Clear + <Pocket/One-Tray/Two-Tray/Three-Tray/Soft-Sided/Six-Tray
Helmet: Kids'/Youth/Adult + Black/White/Blue/Red/Matte Gray + <Multi-Sport/Skate/Bike/Ski/Mountain-Bike/Road-Bike
Skates: Kids'/Women's/Men's + White/Black/Blue/Pink + <Recreational/Adjustable/Figure/Hockey/Inline
Sled: Red/Blue/Green/Orange/Purple + <Disc/Foam/Two-Person Plastic/Toboggan/Inflatable/Wooden
Pencil Set: <12-Piece/24-Piece/36-Piece/48-Piece/72-Piece + Graphite/Colored/Sketching/Watercolor/Mechanical
Bookmark: Floral/Map/Cat/Botanical/Constellation/Library-Card/Bird + <Paper/Ribbon/Magnetic/Metal/Leather
Planner: Weekly/Daily/Academic/Monthly + Navy/Floral/Black/Sage/Marble/Red + <Pocket/Softcover/Spiral/Hardcover/Leather
`

/** Lists that several types share. */
const SETS: Readonly<Record<string, string>> = {
  $who: "Women's/Men's/Girls'/Boys'",
  $adult: "Women's/Men's",
  $color: 'Navy/Charcoal/Burgundy/Olive/Cream/Black/Heather Gray/Teal/Rust/Forest Green/Sky Blue/Plum',
  $dark: 'Black/Navy/Charcoal/Camel/Olive/Burgundy/Brown/Forest Green',
  $bed: 'Twin/Full/Queen/King',
  $soft: 'Ivory/Gray/Navy/Sage/Rust/Plaid/Striped/Mustard/Blush/Charcoal',
}

/** Words to choose from; `ordered`: in the order of price. */
export interface Slot {
  ordered: boolean
  words: readonly string[]
}

export const SLOTS: ReadonlyMap<string, readonly Slot[]> = new Map(
  LIST.trim()
    .split('\n')
    .map((line) => {
      const [type, slots] = line.split(': ')
      return [type, slots.split(' + ').map(slotOf)]
    }),
)

function slotOf(text: string): Slot {
  const ordered = text.startsWith('<')
  const words = SETS[text] ?? text.slice(ordered ? 1 : 0)
  return { ordered, words: words.split('/').map((word) => (word === '-' ? '' : word)) }
}
