/** Patterns of a book's title by type, separated by ` | `; a word in braces is drawn from a list below. */
const PATTERNS = `
Novel: The {keeper}'s {bond} | The {quiet} {place} | {letters} from {town} | What the {keeper} {knew} | {season} at {town}
Mystery: {death} at {house} | The {object} in the {room} | The {house} Mystery | {death} on the {transport} | The {keeper} Who {vanished}
Thriller: The {last} {witness} | {last} {hour} | {cold} {border} | The {witness} {file} | No {escape} from {town}
Romance: {summer} in {town} | {chance} at the {cafe} | The {cafe} by the {sea} | {chance} in {town}
Fantasy: {crown} of {ash} | The {ash} {throne} | {heirs} of the {quiet} {realm} | The {beast}'s {crown}
Biography: {person}: A Life in {field} | {person} and the {making} of {field}
History: A Short History of {goods} | {goods}: How It Changed the World | The Age of {age} | The {age} Years
Cookbook: The {busy} {dish} Cookbook | {dish} for {diners} | {busy} {dish}
Travel Guide: {country} by {rail}, {nth} Edition | {country} Travel Guide, {nth} Edition | {days} Days in {country}
Field Guide: Field Guide to the {species} of {region} | {species} of {region}: A Pocket Guide
Picture Book: The {animal} Who {did} | {animal}'s {first} {outing} | Good Night, {little} {animal}
Workbook: Grade {grade} {subject} Workbook | {subject} Practice, Grade {grade}
Textbook: {introduction} {science}, {nth} Edition | {science}: {introductions}, {nth} Edition
`

const LISTS = `
keeper: Cartographer/Beekeeper/Lighthouse Keeper/Glassblower/Clockmaker/Piano Tuner/Baker/Gardener/Ferryman/Translator/Bookbinder/Tailor/Schoolteacher/Surgeon/Mapmaker/Violinist
bond: Daughter/Son/Wife/Promise/Secret/Apprentice/Sister/Last Summer/Journey/Inheritance/House/Garden
knew: Knew/Saw/Left Behind/Remembered/Never Said/Carried Home
quiet: Quiet/Winter/Hidden/Distant/Lost/Silver/Forgotten/Drowned/Northern/Golden
place: Orchard/Harbor/River/Garden/Road/Island/Meadow/Shore/Valley/House/Bridge/Station
letters: Letters/Postcards/Songs/News/Echoes/Stories
season: A Winter/A Summer/One Autumn/The Last Spring/A Year/Ten Years
town: Marrow Bay/Alder Creek/Elm Street/Stony Point/Juniper Falls/Cedar Hollow/Willow Bend/Harper's Landing/Magnolia Bay/Blue Ridge/Saltwater Cove/Maple Crossing/Foxglove Lane/Clearwater
death: Murder/Death/A Body/Poison/Silence/Malice/Trouble
house: Larkspur House/Ravenmoor/Thornfield Lodge/Ashby Manor/Pemberly Court/Crow Hill/Saint Hilda's/Blackwater Farm/Hartley Hall/Windmill Inn
object: Letter/Key/Portrait/Diary/Ring/Stranger/Clock/Footprint
room: Library/Attic/Boathouse/Greenhouse/Vestry/Wine Cellar/Music Room/Locked Drawer
transport: Night Train/Ferry/Orient Line/Mail Coach/Overnight Bus/River Steamer
vanished: Vanished/Knew Too Much/Came Back/Lied/Never Arrived/Died Twice
last: Last/Silent/Ninth/Hidden/Final/Missing/Second/Perfect
witness: Witness/Signal/Passenger/Courier/Hostage/Informant/Target/Juror/Engineer/Suspect
hour: Hour/Warning/Exit/Verdict/Flight/Transmission/Tide
cold: Cold/Burning/Broken/Dark/Blind/Open
border: Border/Harbor/Water/Trail/Circuit/Alibi/Season
file: File/Protocol/Affair/Account/Conspiracy
escape: Escape/Exit/Way Back/Return/Word
summer: A Summer/Christmas/One Weekend/Love/Home Again/A Wedding/Second Chances
chance: Second Chances/Falling in Love/Meet Me/A Fresh Start/First Dance/Waiting for You
cafe: Bookshop/Bakery/Flower Shop/Corner Café/Little Inn/Tea Room/Vineyard
sea: Sea/Lake/River/Lighthouse/Pier/Old Mill
crown: Crown/Throne/Song/Oath/Blade/Shadow/Tower/Book
ash: Ash/Thorn/Ember/Bone/Frost/Iron/Salt/Glass/Raven/Storm
throne: Throne/Gate/Court/Wars/Prophecy/Road/Mage
heirs: Heirs/Daughters/Keepers/Guardians/Children/Riders
realm: Realm/Isles/Kingdom/Forest/Sea/Mountain
beast: Dragon/Wolf/Raven/Griffin/Stag/Witch
field: Music/Science/Medicine/Architecture/Aviation/Jazz/Politics/the Theater/Mathematics/Photography/Law/Baseball
making: Making/Rise/Golden Age/Reinvention/Future
goods: Salt/Bread/Silk/Coffee/Paper/Glass/Sugar/Cotton/Steel/Tea/Rubber/the Railroad/the Lighthouse/the Printing Press/the Telegraph/the Bicycle
age: Sail/Steam/Cathedrals/Exploration/Reason/Revolution/Empire/Gaslight/Reconstruction
busy: Weeknight/Everyday/One-Pot/Slow-Cooker/Five-Ingredient/Sunday/Simple/Farmhouse/Budget/Holiday
dish: Baking/Soups/Pasta/Vegetarian/Grilling/Bread/Mediterranean/Salads/Noodles/Dessert/Breakfast/Curry
diners: Beginners/Two/a Crowd/Busy Families/Every Season
country: Portugal/Japan/Italy/Mexico/Ireland/Canada/Greece/Norway/New Zealand/Peru/Vietnam/Spain/Iceland/Scotland/Morocco/France
rail: Rail/Bike/Car/Boat/Foot
days: Five/Seven/Ten/Fourteen
nth: 2nd/3rd/4th/5th/6th/7th/8th
species: Birds/Trees/Wildflowers/Mushrooms/Butterflies/Mammals/Reptiles/Insects/Edible Plants/Fishes
region: New England/the Great Lakes/the Rockies/the Pacific Northwest/the Southwest/the Gulf Coast/the Appalachians/the Great Plains/California/Florida/Texas/Alaska
animal: Bear/Rabbit/Hedgehog/Otter/Elephant/Penguin/Fox/Mouse/Owl/Duck/Tiger/Turtle
did: Lost a Mitten/Could Not Sleep/Learned to Swim/Loved Soup/Wanted to Fly/Went to the Moon/Missed the Train/Made a Friend/Painted the Town/Would Not Share
first: First/Big/Rainy/Snowy/Busy/Birthday
outing: Day at School/Picnic/Trip to the Farm/Night Away/Day at the Beach/Adventure
little: Little/Sleepy/Tiny/Brave/Dear
grade: 1/2/3/4/5/6/7/8
subject: Fractions/Reading/Spelling/Grammar/Multiplication/Science/Geography/Writing/Word Problems/Vocabulary/Geometry/U.S. History
introduction: Introduction to/Principles of/Foundations of/Essentials of
introductions: A First Course/Theory and Practice/An Introduction/Concepts and Cases
science: Statistics/Economics/Biology/Chemistry/Psychology/Calculus/Physics/Sociology/Accounting/Marketing/Linear Algebra/Anatomy/Nutrition/Business Law
`

const table = (text: string): [string, string][] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const at = line.indexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)]
    })

/** By type. */
export const TITLES: ReadonlyMap<string, readonly string[]> = new Map(
  table(PATTERNS).map(([type, patterns]) => [type, patterns.split(' | ')]),
)

/** By the word in braces. */
export const TITLE_WORDS: ReadonlyMap<string, readonly string[]> = new Map(
  table(LISTS).map(([name, words]) => [name, words.split('/')]),
)
