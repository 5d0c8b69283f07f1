"""Words that stand in texts about anything: a name made of them alone needs evidence before it counts as an artist.

The list holds base forms, written for this purpose; regular endings are taken off before a word is looked up. Place
names and given names are in it too: "Boston" and "Dion" are artists only where something says so.
"""

from __future__ import annotations

from functools import lru_cache

from nlp.terms import STOP_WORDS

_THINGS = """
abc able accident account ace acid act action actor address adult adventure age agent air airport album alley ally
alone alphabet amber amen amp anchor angel anger animal ankle answer ant apartment ape apple arcade arch archer arm
army arrow art ash atlas atom attack attic audience aunt aura author avatar avenue axe axis baby back bacon bad badge
bag ball balloon banana band bang bank bar bare bark barn base basement basket bass bat bath battery battle bay beach
bead beam bean bear beard beast beat beauty beaver bed bee beer beetle beggar belief bell belly belt bench berry best
bet better bible big bike bill bird birthday bishop bit bite bitter black blade blame blank blanket blast blaze bless
blind blink bliss block blonde blood bloom blossom blow blue blur board boat body bold bomb bone book boom boot border
boredom born boss bottle bottom bow bowl box boy brain branch brand brandy brave bread break breath breeder breeze
brick bride bridge bright bring broken brother brown brush bubble bucket buddy bug build building bull bullet bunny
burn bus bush business busy butcher butter butterfly button buy cabin cabinet cable cactus cage cake calf call calm
camel camera camp can canal candle candy cap cape captain car caravan carbon card care careful carnival carpenter
carpet carry cart case cash castle cat catch cathedral cause cave ceiling cell center centre century chain chair chalk
chamber champion chance change chaos chapel chapter charm chase cheap cheek cheese chef cherry chess chest chic
chicken chicks chief child children chill chimney chip choir choke choose chorus church cider cigarette cinema circle
circus city civil class classic clay clean clear clever cliff climb clinic clipse clock close cloth cloud clown club
clutch coach coal coast coat code coffee coffin coin cold collar collective college colony color colour comb come
comet comfort commodore common communist company compass complete computer concrete cook cookie cool copper copy coral
core corn corner correct corrosion cotton couch council count counter country county couple courage court cousin cover
cow coward crab crack cradle craft crane crash crazy cream creature creek crew cricket crime crocodile cross crow
crowd crowded crown cruel cruise crush cry crystal cub cult culture cup cure curl current curse curtain curve cut cute
cycle dagger damn dance dancer danger dare dark darkness dart date daughter dawn day dead deaf deal dear death debt
decade december decent deep deer defeat degree delicate delight delta demon desert design desire desk destroy
destroyer detective device devil dew diamond diary dice die diet difference different dig digital dinner dinosaur
direct dirt dirty disaster disc disciple discount disease dish disk distance distant disturb ditch dive divine
division do doctor dog doll dollar dolphin dome donkey doom door dose double doubt dove down dozen dragon drain drama
draw dream dress drift drifter drink drive driver drop drown drug drum drunk dry duck due duke dull dummy dusk dust
duty eagle ear early earth earthquake east easy eat echo eclipse edge education effect egg ego eight elder electric
element elephant elevator eleven ember embrace emergency emotion emperor empire empty end enemy energy engine engineer
enter entrance envy equal era error escape estate eternal eve evening event evil exile exit experience experiment
explosion express eye fable face faces fact factory fair fairy faith fake falcon fall false fame family famous fan
fancy far farm farmer fast fat fate father fault favor favorite favour fear feast feather feature fee feed feel
feeling fellow female fence ferry fever few fiction field fiend fifth fight fighter figure file fill film final find
fine finger finish fire firm fish fist fit five fix flag flame flash flat flavor flesh flight flint float flock flood
floor flour flow flower fluid flute fly foal fog fold folk follow follower food fool foot football force foreign
foreigner forest forever forget fork form former formula fortune forty forward fountain four fox frame frank freak
free freedom freight fresh friday friend frog front frost fruit fuel full fun fund funeral funny fur furniture fury
future galaxy gallery gallows game gang gap garage garbage garden gas gate gather gaze gear gender gene general
genesis genius gentle gentleman ghost giant gift girl girlfriend give glacier glad glass glide globe gloom glory glove
glow glue go goal goat god gold golden good goodbye goose gorilla gossip grace grade grain grand grandfather
grandmother grape grass grave gravity gray great greed green grey grief grim grin grip groove ground group grow guard
guess guest guide guilt guitar gun gut guy gypsy habit hail hair half hall halo ham hammer hand handle handsome happen
happy harbor harbour hard hare harm harmony harp harvest hat hate haunt haven hawk hay head heal health heap hear
heart heat heaven heavy hedge heel height helicopter hell hello helmet help hen herald herb herd here hermit hero
heron hidden hide high highway hill hip history hit hobby hold hole holiday hollow holly holy home honest honey honor
hood hook hop hope horizon horn horror horse hospital host hot hotel hound hour house human humble humor hundred
hunger hungry hunt hunter hurricane hurt husband hush hymn ice idea idle idol ill image imagine impossible inch india
indie industry infant ink inn inner innocence innocent insect inside instant interest invisible iron island ivory ivy
jack jacket jade jail jam january japan jar jaw jazz jealous jelly jet jewel job join joke joker journal journey joy
judge juice july jump june jungle junior junk jury just justice keen keep kernel kettle key kick kid kidney kill
killer kin kind king kingdom kiss kit kitchen kite kitten knee knife knight knot know labor labour lace lack ladder
lady lake lamb lamp land lane language lantern large lash last late laugh laughter laundry law lawn lawyer lay lazy
lead leader leaf league lean leap learn leather leave left leg legend legion lemon leopard lesson letter level liar
liberty library lick lid lie life lift light lighthouse lightning like lily lime limit line link lion lip liquid list
listen lit little live liver living lizard load loaf loan local lock locket locust lodge log lonely long look loop
loose lord lose loss lost lot lotus loud lounge love lovely lover low loyal luck lucky lumber lunar lunch lung luxury
machine mad madness magazine magic magnet maid mail main major make male mall mammoth man manager mansion map maple
marble march mark market marriage mars mask mass massive master match mate material matter may maybe mayor maze meadow
meal mean meat mechanic medal medicine medium meet melody member memory men mental menu mercury mercy merry mess
message metal meteor method metro mice midnight might mild mile military milk mill mind mine miner minister ministry
minor mint minute miracle mirror misery miss mission mist mistake mix mob mode model modern modest mole moment monday
money monk monkey mono monster month monument mood moon moral more morning moss moth mother motion motor mount
mountain mouse mouth move movement movie much mud mule murder muscle muse museum mushroom music musician mustang
mustard mute mystery myth nail naked name napkin narrow nation national native nature navy near neck need needle
neighbor neighbour neon nephew nerve nest net neutral never new news nice niece night nightmare nine ninety noble
nobody noise none noon normal north northern nose note nothing notice novel november now nuclear number nun nurse nut
oak oasis object ocean october odd off offer office officer often oil old olive omega once one onion only open opera
opinion oracle orange orb orbit orbital orchard orchestra orchid order ordinary organ origin original orphan other
outlaw outside oval oven over owl own owner ox oxygen oyster pack page pain paint painter pair palace pale palm pan
panda panel panic panther paper parachute parade paradise parallel parent park parrot part partner party pass passage
passenger passion past paste patch path patient patrol pattern pause pavement pay peace peach peak pear pearl peasant
pebble pen penalty pencil people pepper perfect perfume period permanent person pet phantom phase phoenix phone photo
photograph piano pick picnic picture pie piece pig pigeon pile pill pillow pilot pin pine pink pioneer pipe pirate
pistol pit pitch pixie place placebo plague plain plan plane planet plant plastic plate platform play player
playground pleasure plenty plum pocket poem poet poetry point poison polar pole police policy polish polite pony pool
poor pop pope porch port portrait position positive possible post postcard poster pot potato pound powder power prayer
preacher precious present press pretender pretty price pride priest prime prince princess print prison prisoner
private prize problem prodigy product professor program project promise proof property prophet proud public pull pulp
pulse pump pumpkin punch punk pupil puppet puppy pure purple purse push puzzle pyramid quality quarter queen question
quick quiet quilt quote rabbit race racer radar radiator radio rage rail railroad railway rain rainbow ram ranch
rancid random range ranger rapid rare rat raven raw ray razor reach read reader ready real reason rebel receipt record
recover red reef refuse region regret regular reign relation relative relax release relief religion remain remedy
remember remote replacement replica report rescue residents resistance rest result return revenge reverse revolution
revolver rhythm ribbon rice rich ride rider rifle right ring riot rise ritual rival river roach road roar rob robin
robot rock rocket rod role roll roof room root rope rose rough round route row royal rubber ruby rug ruin rule ruler
rumor rumour run runaway runner rush rust sacred sad saddle sade safe safety sail sailor saint salad sale salmon salt
salvation same sand sandwich satellite satin saturday sauce savage save saw say scale scar scare scene school science
scientist scissor scorpion scout scream screen script sea seal search season seat second secret section seed seek self
sell senate senior sense sentence sentinel separate september sequence sergeant series serious servant service session
set settler seven severe sex shade shadow shaft shake shallow shame shape share shark sharp she shed sheep sheet shelf
shell shelter sheriff shield shift shine shining ship shirt shock shoe shoot shop shore short shot shoulder shout
shovel show shower shrine shut shy sick side siege sight sign signal silence silent silk silver similar simple sin
sing singer single sink siren sister site six size skate skeleton ski skill skin skirt skull sky slate slave sleep
sleeper sleepy slice slide slight slip slope slow slowdive small smart smash smell smile smith smoke smooth snail
snake snow soap soccer social sock soft soil solar soldier sole solid solo solution some son song soon sorrow sorry
sort soul sound soundtrack soup sour source south southern space spade spare spark sparrow speak speaker special
specials species speech speed spell spend sphere spice spider spike spirit split spoil sponge spoon sport spot spray
spread spring spy squad square squirrel stable stadium staff stage stain stair stake stamp stand standard star stare
start state statement station statue stay steady steal steam steel steep step stereo stew stick still stilt sting
stitch stock stomach stone stop store storm story straight strange stranger strap straw strawberry stream street
strength stretch strict strike string strip stripe stroke strong structure struggle student studio study stuff stupid
style styx subject submarine subway success sudden suede suffer sugar suit summer sun sunday sunlight sunrise sunset
super supper sure surf surface surprise swallow swamp swan swans swear sweat sweater sweet swell swift swim swing
switch sword symbol sympathy symphony syndrome system table tail tailor take tale talk tall tangerine tank tap tape
target task taste tattoo tax taxi tea teach teacher team tear teardrop technique teenager telegram telephone telescope
television temper temple ten tenant tender tennis tension tent term terrible terror test text thank theater theatre
theme theory therapy thick thief thin thing think thirst thirteen thirty thorn thousand thread threat three throat
throne throw thumb thunder thursday ticket tide tie tiger tight tile timber time tin tiny tire title toad toast
tobacco today toe together toilet token tomato tomb tomorrow tone tongue tonight tool tooth top torch tornado tortoise
touch tough tour tourist towel tower town toy trace track trade tradition traffic tragedy trail train traitor tram
transit trap trash travel traveler traveller travis treasure treat tree tremble triangle tribe trick trip triumph
tropical trouble trousers truck true trumpet trunk trust truth try tube tuesday tulip tune tunnel turkey turn turtle
twelve twenty twilight twin twist two type tyrant ugly umbrella uncle under underground underoath understand
underworld unicorn uniform union unit universe university unknown up upper urban urge use usher usual vacation vacuum
vain valentine valley value vampire van vanilla vapor vault vegetable vehicle veil velvet vengeance venom verse very
vessel veteran victim victory video view viking village vine vinyl violence violet violin viper virgin virtue virus
vision visit visitor voice volcano volume vote voyage wage wagon waist wait waiter wake walk walker wall wallet
wallflower wanderer want war warehouse warm warning warrior wash wasp waste watch water wave wax way weak wealth
weapon wear weasel weather web wedding wednesday weed week weekend weight weird welcome well west western wet whale
wheat wheel whip whiskey whisper whistle white who whole wicked wide widow wife wild will willow win wind window wine
wing winner winter wire wisdom wise wish witch witness wizard wolf wolves woman women wonder wonderful wood wooden
wool word work worker world worm worry worse worst worth wound wrap wreck wren wrist write writer wrong yard yarn year
yell yellow yes yesterday yet young youth zebra zero zombie zone zoo
"""
_PLACES = """
africa alabama alaska america american amsterdam arizona arkansas asia athens atlanta auckland austin australia
austria baltimore bangkok barcelona bath beijing belfast belgium belgrade berlin birmingham boston brazil bremen
brighton bristol britain british brooklyn brussels budapest cairo calgary california cambridge canada cardiff carolina
chelsea chicago chile china cleveland cologne colorado copenhagen cornwall cuba dallas delaware delhi denmark denver
detroit devon dublin dundee edinburgh egypt england english essex europe european finland florence florida france
french georgia german germany ghana glasgow greece hamburg havana hawaii helsinki holland hollywood houston hungary
iceland idaho illinois india indiana iowa iran iraq ireland irish israel istanbul italy jamaica japan japanese jersey
jerusalem kansas kent kentucky kenya kiev korea leeds leicester lisbon liverpool london louisiana madrid maine malta
manchester manhattan maryland massachusetts melbourne memphis mexico miami michigan milan minneapolis minnesota
mississippi missouri montana montreal moscow munich nashville nebraska netherlands nevada newcastle nigeria norfolk
norway nottingham oakland ohio oklahoma olympia ontario oregon orleans oslo oxford pakistan paris pennsylvania perth
peru philadelphia pittsburgh plymouth poland portland portugal prague quebec reading rome russia sacramento scotland
scottish seattle seoul shanghai sheffield siberia sicily singapore somerset spain stockholm suffolk sweden swedish
switzerland sydney tennessee texas tokyo toronto toulouse tulsa turkey tuscany ukraine utah vancouver vegas venice
vermont vienna vietnam virginia wales warsaw washington wisconsin wyoming york yorkshire zurich
"""
_GIVEN_NAMES = """
aaron adam adele adrian al alan albert alex alexander alexandra alexis alfred alice alicia alison amanda amber amy
andrea andrew andy angela angelo ann anna anne annie anthony antonio april ariel arnold arthur ashley audrey barbara
barry beatrice becky ben benjamin bernard bert beth betty bill billy bob bobby bonnie brad brandon brandy brenda brian
britney bruce bryan caitlin calvin cameron carl carlos carmen carol caroline carrie catherine cecilia charles charlie
charlotte chris christian christina christine christopher chuck cindy claire clara claude clint colin connie craig
curtis cynthia daisy dan daniel danny darren dave david dawn dean debbie deborah dennis derek diana diane dion don
donald donna dora doris dorothy doug douglas dylan eddie edgar edith edward elaine eleanor elena eli elizabeth ella
ellen elliott elvis emily emma eric erica erik ernest esther ethan eugene eva evan eve evelyn fabian felix fiona
florence fran frances francis frank frankie fred freddie gabriel gail gary gavin george georgia gerald gina glen glenn
gloria gordon grace graham grant greg gregory guy hannah harold harriet harry harvey heather hector helen henry
herbert holly howard hugh hugo ian igor ingrid irene iris isaac isabel ivan jack jackie jackson jacob jade jake james
jamie jan jane janet janis jason jay jean jeff jennifer jenny jeremy jerome jerry jesse jessica jill jim jimmy joan
joanna joe joel john johnny jon jonathan jordan jose joseph josh joshua joy joyce juan judith judy julia julian julie
juliet justin karen karl kate katherine kathleen katie keith kelly ken kenneth kenny kevin kim kurt kyle lana larry
laura lauren laurence lawrence lee leo leon leonard leslie lewis liam lily linda lionel lisa liz lola lou louis louise
lucas lucy luke luna lynn madeleine madonna maggie marc marcus margaret maria marie marilyn mario marion mark marlene
martha martin marvin mary mathew matt matthew maurice max megan mel melanie melissa mia michael michelle mick miguel
mika mike miles miranda moby molly monica morgan morris morrissey moses nancy naomi natalie nathan neil nelson
nicholas nick nicole nigel nina noah nora norah norman oliver olivia oscar otis owen pamela pat patricia patrick patti
paul paula pauline pedro penny percy perry pete peter phil philip phoebe pink rachel ralph ray raymond rebecca regina
rhoda rhonda ricardo richard rick ricky rita rob robbie robert robin robyn rod roger roland ron ronald ronnie rosa
rosalie rosie ross roxanne roy russell ruth ryan sally sam samantha samuel sandra sandy sara sarah scott sean sergio
seth shane shannon sharon sheila shirley sid simon sofia solange sonia sophie stacy stan stanley stella stephanie
stephen steve steven stevie stuart sue susan suzanne sylvia ted teresa terry thelma theo theodore theresa thomas
tiffany tim timothy tina toby todd tom tommy tony tracy travis trevor troy ursula vanessa vera vernon veronica vic
victor victoria vincent viola virginia vivian wallace walter wanda warren wayne wendy wesley william willie willy
wilson woody xavier yolanda yvonne zoe
"""
WORDS = frozenset((_THINGS + _PLACES + _GIVEN_NAMES).split()) | STOP_WORDS
_ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"),
    ("y", ""), ("ly", ""),
)  # fmt: skip


@lru_cache(maxsize=1 << 16)
def is_everyday(word: str) -> bool:
    """Whether a folded word is an everyday one, a place, a given name, or too short to be anything by itself."""
    if word in WORDS or (len(word) <= 2 and not (word.isalnum() and any(map(str.isdigit, word)) and word[0].isalpha())):
        return True
    if word.isdigit():
        return True
    return any(
        word.endswith(ending) and len(word) - len(ending) >= 3 and word[: -len(ending)] + instead in WORDS
        for ending, instead in _ENDINGS
    )
