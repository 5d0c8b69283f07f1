"""Words that stand in texts about anything: a name made of them alone needs evidence before it counts as an artist.

The list holds base forms, written for this purpose; regular endings of words that are no names are taken off before a
look-up. Places, given names and surnames are in it too: "Boston" and "Dion" are artists only where something says so.
"""

from __future__ import annotations

from functools import lru_cache

from nlp.ordinary import ENDINGS
from nlp.terms import STOP_WORDS

_THINGS = """
abc able absence academy accident account ace acid act action actor address adept adult advance adventure advice age
agent agreement air airport album alley ally alone alphabet am amazing amber amen amount amp anchor ancient angel
anger animal ankle answer ant anybody anyone anything apartment ape apollo apology appeal apple arcade arch archer
area argument arm army arrival arrow art article artist ash aspect assembly assistant association atlantic atlas
atmosphere atom attack attention attic attitude attraction audience aunt aura author autumn avatar avenue average
award awareness axe axis babies baby back bacon bad badge bag balance ball balloon ballroom banana band bandcamp bang
bank bankrupt baptist bar bare bargain bark barn barrier base basement basic basis basket bass bat bath battalion
battery battle bay bayou bbc beach bead beam bean bear beard beast beat beauty beaver bed bee beer beetle beggar
behaviour being belief believe believer bell belly belt bench benefit berry best bet betrayal better beyond bible big
bike bill billboard bird birthday bishop bit bite bitter black blade blame blank blanket blast blaze bless blind blink
bliss blitz block blonde blood bloom blossom blow blue blur bmg board boat body bold bomb bone boo book boom boot
border boredom born borough boss bottle bottom boulevard bow bowl box boy boys brain branch brand brandy brave bravo
bread break breakdown breakthrough breath breeder breeze brethren brick bride bridge bright brilliant bring broadcast
broadcasting broadway broke broken bros brother brown brush bubble bucket buddy budget bug build building bull bullet
bunny burden burn bus bush business busy butcher butter butterfly button buy cabin cabinet cable cactus cadence cage
cake calf call calm camel camera camp campaign can canal candle candy cap capable cape capital capitol captain car
caravan carbon card care career careful carnival carpenter carpet carry cart case cash cassette castle cat catch
cathedral catholic cause cave cbs cd cease ceiling celebration cell center centre century ceremony chain chair chalk
challenge chamber champion chance chancellor change channel chaos chapel chapter character charge charity charm chase
chat cheap cheek cheese chef cherry chess chest chic chicken chicks chief child children chill chimney chip choice
choir choke choose chorus christian christmas church cider cigarette cinema circle circus citizen city civil claim
class classic classical clay clean clear clever cliff climate climb clinic clipse clock close cloth cloud clown club
clubhouse clutch coach coal coast coat code coffee coffin coin cold collapse collar collection collective college
colony color colored colour coloured columbia comb combat come comedy comet comfort command comment commission
committee commodore common communication communist community companion company comparison compass competition
complaint complete complex computer concept concern conclusion concrete condition conference confidence conflict
confusion congress connection conscience consequence conspiracy constant construction contact content contest context
continent continue contract control conversation cook cookie cool cooler cope copper copy coral core corn corner
corporation correct corrosion corruption costume cotton couch council count counter country county couple courage
court cousin cover cow coward crab crack cradle craft crane crash crazy cream creation creative creator creature
credit creek crew cricket crime crisis critic crocodile cross crow crowd crowded crown crucial cruel cruise crush cry
crying crystal cub cult culture cup cure curious curl current curse curtain curve custom customer cut cute cycle dad
daddy dagger damage damn dance dancer dancing danger dare dark darkness dart data date daughter daughters dawn day dc
dead deadline deaf deal dear death debate debt debut decade december decent deception decision decline deep deer
defeat defence degree delay deli delicate delight deliver delivery delta demand democracy democratic demon denial
departure depth desert design desire desk desperate destiny destroy destroyer destruction detail detective development
device devil dew dialogue diamond diary dice die diet difference different dig digital dignity dilemma dimension
dinner dinosaur direct direction director dirt dirty disaster disc disciple discount discovery discussion disease dish
disk disney display distance distant distinction district disturb ditch dive divine division dj do doctor document dog
doll dollar dolphin dome domestic dominant donate donkey doom door dose double doubt dove down downtown dozen draft
dragon drain drama dramatic draw dream dress drift drifter drink drinking drive driver driving drop dropout drown drug
drum drummer drunk dry dual duck due duke dull dummy duo dusk dust duty dvd dying dynamic eagle ear early earth
earthquake east easter easy eat echo eclipse economy edge edition editor education effect egg ego eight elder electric
elegant element elephant elevator eleven embassy ember embrace emergency emi emotion emperor empire employ empty
encounter end endless endurance enemy energy engine engineer enter entertainment entrance entry envelope environment
envy ep episode equal equality era error escape essence essential estate eternal eternity ethic eve evening event
evidence evil evolution exact exchange excitement exclusive excuse executive exercise exhibit exile existence exit
exodus exotic experience experiment expert explorer explosion exposure express expression extra extreme eye fable face
facebook faces facility fact factor factory failure faint fair fairy faith fake falcon fall falling false fame family
famous fan fancy fantasy far farewell farm farmer fascination fashion fast fat fatal fate father fault favor favorite
favour fear feast feather feature federal fee feed feedback feel feeling fellow female fence ferry festival fever few
fiction field fiend fifth fight fighter figure file fill film final finance find fine finger finish fire firework firm
fish fist fit fitness five fix flag flame flash flat flavor flesh flight flint float flock flood floor flour flow
flower fluid fluke flute fly flying foal focus fog fold folk follow follower food fool foot football force foreign
foreigner forest forever forget fork form formal format former formula fortune forty forward foster found foundation
fountain four fox fraction fragile fragment frame framework frank fraud freak free freedom freight frequency fresh
friction friday friend friendship frog front frontier frost fruit fuel full fun function fund fundamental funeral
funny fur furniture fury fusion future gala galaxy gallery gallows game gang gap garage garbage garden garment gas
gate gather gaze gear gender gene general generation generous genesis genius gentle gentleman gesture ghost giant gift
girl girlfriend girls give glacier glad glass glide glimpse glitch global globe gloom glorious glory glove glow glue
go goal goat god gold golden good goodbye goose gorilla gossip government grace grade gradual graduate grain grammy
grand grandfather grandma grandmother grape grass grave gravity gray great greatest greed green grey grief grim grin
grip groove ground group grow guarantee guard guardian guess guest guide guilt guilty guitar gun gut guy gypsy habit
habitat hail hair half hall halloween halo halt ham hammer hand handle handsome happen happy harbor harbour hard hare
harm harmony harp harsh harvest hat hate haunt haven hawk hay hazard head headline headquarters heal health heap hear
hearing heart heartless heat heaven heavy hedge heel height helicopter hell hello helmet help hen herald herb herd
here heritage hermit hero heron hesitation hey hidden hide high highlight highway hill hip historical history hit
hobby hockey hold hole holiday hollow holly hollywood holy home homeless honest honey honor hood hook hop hope horizon
horn horror horse hospital hospitality host hostage hot hotel hound hour house household human humanity humble humor
hundred hunger hungry hunt hunter hurricane hurt husband hush hymn ice idea ideal identity idle idol ignorance ii iii
ill illness illusion image imagination imagine impact import impossible impression impulse inch incident income
incorporated independence independent india indie industry infant infinite infinity influence information initial
injury ink inn inner innocence innocent insect inside insight insightful inspiration instagram instant instinct
institute institution instruction instrument insult insurance integrity intelligence intense intention interest
interior internal international interview intimate introduction invasion invention investment invisible invitation
iron island isolation item iv ivory ivy jack jacket jade jail jam january japan jar jaw jazz jealous jelly jet jewel
jewellery jewish job join joke joker journal journey joy jr judge juice july jump june jungle junior junk jury just
justice juvenile karma keen keep kernel kettle key kick kid kidney kids kill killer killing kin kind king kingdom kiss
kit kitchen kite kitten knee knife knight knot know known la labor laboratory labour lace lack ladder lady lake lamb
lamp land landmark landscape lane language lantern large lash last late later laugh laughter launch laundry law lawn
lawyer lay layer lazy lead leader leadership leaf leaflet league lean leap learn leather leave leaving lecture left
leg legacy legal legend legion leisure lemon leopard lesson letter level liar liberal liberty library license lick lid
lie life lifetime lift light lighthouse lightning like likely lily lime limit line link lion lip liquid list listen
lit literature little live liver living lizard load loaf loan local lock locket locust lodge log logic lonely long
look loop loose lord lose loss lost lot lotus loud lounge love lovely lover loving low loyal loyalty lp luck lucky
lumber lunar lunch lung luxury lying machine mad madness magazine magic magnet magnetic magnitude maid mail main major
majority make male mall mama mammoth man manager manifesto manner mansion manual map maple marble march margin mark
market marriage mars mask mass massive master match mate material matter maximum may maybe mayhem mayor maze mc meadow
meal mean meaning measure meat mechanic mechanism medal medicine medium meet melody member memoir memorial memory men
mental mentor menu merchant mercury mercy merry mess message metal meteor method metro metropolitan mice middle
midnight midwest might migration mild mile military milk mill millennium mind mine miner minimum minister ministry
minor minority mint minute miracle mirror misery miss mission mist mistake mix mixture mob mobile mode model moderate
modern modest mole molecule moment momentum mommy monday money monk monkey mono monopoly monster month monument mood
moon moore moral morality more morning moss moth mother motion motive motor motown mount mountain mouse mouth move
movement movie mtv much mud mule multiply mum murder muscle muse museum mushroom music musician muslim mustang mustard
mute mutual myspace mysterious mystery myth nail naked name napkin narrative narrow nation national native nature navy
nbc near neck need needle negative neighbor neighbour neon nephew nerve nest net netflix network neutral never new
news nice niece night nightlife nightmare nine ninety nme nobel noble nobody noise none noon normal north northeast
northern northwest nose nostalgia note nothing notice notion nova novel novelty november now nuclear number nun nurse
nut ny nyc oak oasis object obscure obsession obstacle occasion occupation ocean october odd odyssey off offer office
officer official often oil old olive olympic omega once one onion only onyx open opera opinion opponent opportunity
opposite optimism option oracle orange orb orbit orbital orchard orchestra orchid order ordinary organ organic
organization orientation origin original orphan orphanage other outcome outfit outlaw outline outrage outside outsider
oval oven over overall overdose owl own owner ownership ox oxygen oyster pack package page pain paint painter pair
palace pale palm pan panda panel panic panther papa paper parachute parade paradise parallel parent park parliament
parlor parlour parrot part participant partner party pass passage passenger passion passive past paste patch path
patience patient patrol pattern pause pavement pay payment peace peach peak pear pearl peasant pebble pen penalty
pencil people pepper percent perception perfect performance perfume period permanent permission person perspective
persuasion pet petrol phantom phase phenomenon philosophy phoenix phone photo photograph phrase physical piano pick
picnic picture pictures pie piece pig pigeon pile pill pillow pilot pin pine pink pioneer pipe pirate pistol pit pitch
pixie place placebo plague plain plan plane planet plant plastic plate platform play player playground plaza pleasant
pleasure plenty plum pm pocket poem poet poetic poetry point poison polar pole police policy polish polite pollution
polydor pony pool poor pop pope popular popularity porch port portion portrait position positive possible post
postcard poster pot potato pound poverty powder power practice prayer preacher precious precise predator prediction
premier presence present preservation president press pressure prestige pretender pretty previous price pride priest
primary prime primitive prince princess principle print priority prison prisoner privacy private privilege prize
problem procedure process prodigy product profession professor profile profit program progress project promise proof
property prophecy prophet proposal prospect protection protest proud province provoke psychic psychology pub public
publicity publishing pull pulp pulse pump pumpkin punch punk pupil puppet puppy pure purity purple purse pursuit push
puzzle pyramid qualify quality quantity quarter queen quest question quick quiet quilt quote rabbit race racer radar
radiator radio rage rail railroad railway rain rainbow rally ram ranch rancid random range ranger rapid rare rat ratio
raven raw ray razor rca reach reaction read reader ready real reality reason rebel rebellion recall receipt recipe
recognition record recover red reef reference reflection reform refuge refuse regard regime region regional regret
regular regulation reign rejection relation relative relax relaxation release reliance relief religion reluctant
remain remark remedy remember reminder remote removal renaissance repair repeat replacement replica reply report
representation republican reputation request requirement rescue reserve residence resident residents resistance
resolution resort resource respect response responsibility rest restless restoration result retreat return reunion
reveal revenge revenue reverse review revision revival revolution revolver reward rhythm ribbon rice rich ride rider
rifle right rights ring riot rise rising ritual rival river riverside roach road roar rob robin robot rock rocket rod
role roll romance romantic roof room root rope rose rotten rough round route routine row royal royale rubber ruby rug
ruin rule ruler rumor rumour run runaway runner running rush rust sacred sacrifice sad saddle sade safe safety sail
sailor saint salad sale salmon salt salvation same sanctuary sand sandwich satellite satin satisfaction saturday sauce
savage save saw saxon say scale scandal scar scare scenario scene schedule scheme scholar school science scientist
scissor scope scorpion scout scratch scream screen script sea seal search season seat second secret section secure
security seed seek selection self sell senate senior sensation sense sensitive sentence sentiment sentinel separate
september sequel sequence sergeant series serious servant service session set settler seven severe sex shade shadow
shaft shake shallow shame shape share shark sharp she shed sheep sheet shelf shell shelter sheriff shield shift shine
shining ship shirt shock shoe shoot shop shore short shot shoulder shout shovel show showcase shower shrine shut shy
sick side siege sight sign signal significance silence silent silk silver similar similarity simple simplicity sin
sing singer singing single sink siren sister sisters site situation six size skate skeleton skeptic ski skill skin
skirt skull sky slash slate slave sleep sleeper sleeping sleepy slice slide slight slip slogan slope slow slowdive
small smart smash smell smile smith smoke smooth snail snake snow soap soccer social society sock soft soil solace
solar soldier sole solid solitude solo solution some son song sons sony soon sophistication sorrow sorry sort soul
sound soundcloud soundtrack soup sour source south southeast southern southwest space spade spare spark sparrow speak
speaker special specials species spectacle spectrum speech speed spell spend sphere spice spider spike spirit split
spoil sponge spontaneous spoon sport spot spotify spray spread spring spy squad square squirrel sr stability stable
stadium staff stage stain stair stake stamp stand standard standing star stare start starter state statement station
statistic statue status stay steady steal steam steel steep step stereo stew stick still stilt stimulus sting stitch
stock stomach stone stop store storm story straight strange stranger strap strategy straw strawberry stream street
strength stress stretch strict strike string strip stripe stroke strong structure struggle student studio study stuff
stupid style styx subject submarine submission substance suburb suburban subway success sudden suede suffer sugar
suggestion suicide suit summer summit sun sunday sunlight sunrise sunset super superior supper supply support suppose
supreme supremes sure surf surface surgery surprise surrender surrounding survey survival survivor suspect suspicion
sustain swallow swamp swan swans swear sweat sweater sweet swell swift swim swing swinging switch sword symbol
sympathetic sympathy symphony symptom syndrome synthetic system table tactic tail tailor take tale talent talk tall
tangerine tank tap tape target task taste tattoo tax taxi tea teach teacher team tear teardrop technique technology
teen teenage teenager telegram telephone telescope television temper temple temporary ten tenant tendency tender
tennis tension tent term terminal terrible territory terror test testament testimony text texture thank thanksgiving
theater theatre theatrical theme theory therapist therapy thick thief thin thing think thirst thirteen thirty thorn
thousand thread threat three threshold thrill throat throne throw thumb thunder thursday ticket tide tie tiger tight
tile timber time tin tiny tire title toad toast tobacco today toe together toilet token tolerance tomato tomb tomorrow
tone tongue tonight tool tooth top topic torch tornado tortoise torture total touch tough tour tourist towel tower
town toxic toy trace track trade tradition traditional traffic tragedy trail train traitor tram transfer transit
transition translation transmission transport trap trash trauma travel traveler traveller travis treasure treat
treatment tree tremble trend trial triangle tribe tribute trick trilogy trip triumph trivial tropical trouble trousers
truck true trumpet trunk trust truth try tube tuesday tulip tune tunnel turkey turn turning turtle tv twelve twenties
twenty twilight twin twist twitter two type tyrant ugly uk ultimate umbrella unbroken uncle under underground
underoath understand underworld unheard unicorn uniform union unique unit unity universal universe university unknown
unusual up upper upset uptown urban urge usa use usher usual utopia vacation vacuum vain valentine valid valley value
vampire van vanilla vanity vapor variation variety various vast vault vegetable vehicle veil velvet vengeance venom
venture verdict verse version very vessel veteran vh vibration vice victim victory video view viking village vine
vinyl violence violent violet violin viper virgin virtual virtue virtuoso virus visible vision visit visitor vital
vocabulary voice volcano volume volunteer vote voyage vulnerable wage wagon waist wait waiter wake walk walker walking
wall wallet wallflower wander wanderer want war warehouse warfare warm warner warning warrior wash wasp waste watch
water wave wax way weak wealth weapon wear weasel weather web wedding wednesday weed week weekend weekly weight weird
welcome welfare well west western wet whale wheat wheel whip whiskey whisper whistle white who whole wicked wide widow
wife wikipedia wild wilderness will willow win wind window wine wing winner winning winter wire wisdom wise wish witch
withdrawal witness wizard wolf wolves woman women wonder wonderful wood wooden wool word work worker world worm worry
worse worship worst worth wound wrap wreck wren wrist write writer written wrong yard yarn year yell yellow yes
yesterday yet yield young youth youtube zebra zero zombie zone zoo
alligator antelope badger bison boar caribou carp chameleon cheetah chipmunk cobra cod coyote cuckoo dachshund elk
ferret finch flamingo gazelle gecko gibbon grouper grouse haddock halibut hedgehog hornet hyena jackal jackdaw jaguar
kestrel kingfisher lark lemming llama lobster lynx mackerel magpie marten mink moose mosquito newt ocelot octopus
osprey otter pelican penguin pheasant piranha plaice porcupine puma quail reindeer sardine seagull shrew skunk slug
squid starling stingray stork sturgeon tadpole trout tuna vulture walrus woodpecker yak drizzle sleet blizzard smog
haze monsoon typhoon cyclone thaw ouch wow ugh yuck yum oops whoa phew hooray hurrah shh bah alas eureka gosh geez
yikes
"""
_PLACES = """
africa african alabama alaska albany albuquerque america american amsterdam anaheim antarctica arctic argentina
arizona arkansas asia asian athens atlanta auckland austin australia australian austria bakersfield baltimore bangkok
barcelona bath baton bavaria bedford beijing belfast belgium belgrade berlin beverly birmingham bolivia bosnia boston
brazil brazilian bremen brighton bristol britain british brittany bronx brooklyn brunswick brussels budapest buffalo
bulgaria burbank cairo calgary california cambodia cambridge cameroon canada canadian cardiff caribbean carolina
catalonia charleston chelsea chicago chile china chinese cincinnati cleveland cologne colombia colorado columbus
compton congo copenhagen cornwall coventry croatia cuba cuban cyprus dakota dallas danish delaware delhi denmark
denver derby detroit devon doncaster dublin dundee dutch ecuador edinburgh egypt england english essex estonia
ethiopia europe european finland finnish florence florida france french fresno georgia german germany ghana glasgow
greece greek guatemala haiti hamburg harlem havana hawaii helsinki hertfordshire holland hollywood honduras honolulu
houston hungarian hungary iceland icelandic idaho illinois india indian indiana indianapolis indonesia iowa iran iraq
ireland irish israel istanbul italian italy jacksonville jamaica jamaican japan japanese jersey jerusalem jordan
kansas kent kentucky kenya kiev kingston korea korean kuwait lafayette lancaster latin latvia lebanon leeds leicester
lexington libya lisbon lithuania liverpool london louisiana lubbock luton luxembourg macon madrid maine malaysia mali
malibu malta manchester manhattan maryland massachusetts mediterranean melbourne memphis mexican mexico miami michigan
milan milwaukee minneapolis minnesota mississippi missouri mobile mongolia montana monterey montgomery montreal
morocco moscow motown munich muscle nashville nassau nebraska nepal netherlands nevada newark newcastle newport
nicaragua nigeria norfolk normandy northampton norway norwegian norwich nottingham oakland ohio oklahoma olympia omaha
oman ontario oregon orient orlando orleans oslo oxford oxfordshire pacific pakistan palo panama paraguay paris
pasadena pennsylvania perth peru philadelphia philippines phoenix piccadilly pittsburgh plymouth poland polish
portland portsmouth portugal portuguese prague provence providence puerto qatar quebec queens raleigh reading reno
richmond rochester romania rome rouge russia russian rwanda sacramento salem savannah scotland scottish seattle
senegal seoul serbia shanghai sheffield shoals siberia sicily singapore slovakia slovenia soho somalia somerset
southampton soviet spain spanish spokane springfield stanford staten stockholm stockton sudan suffolk sunderland
surrey sussex swansea sweden swedish swiss switzerland sydney syracuse syria tahoe taiwan tampa tanzania tennessee
texas thailand tibet tokyo toledo topeka toronto toulouse trinidad tucson tulsa tunisia turkey turkish tuscany uganda
ukraine uruguay utah uzbekistan vancouver vegas venezuela venice vermont vienna vietnam virginia waco wales warsaw
washington watford welsh wembley westminster wichita wilmington wimbledon wisconsin wolverhampton woodstock worcester
wyoming yemen yonkers york yorkshire yugoslavia zambia zimbabwe zurich
"""
_GIVEN_NAMES = """
aaron abraham adam adele adrian agnes aidan al alan albert alec alex alexander alexandra alexis alfie alfred alice
alicia alison allan allen alvin amanda amber amos amy andre andrea andrew andy angela angelo angus ann anna anne
annette annie anthony antonio april ariana ariel arnold art arthur ashley audrey augustine austin avery axel barbara
barney barry basil beatrice becky belinda bella ben benjamin bernard bernie bert beth betty beverly bill billie billy
blake bo bob bobby bonnie boris brad brandon brandy brenda brent brett brian britney brooke bruce bruno bryan buddy
burt byron caitlin calvin cameron candy cara carl carla carlos carly carmen carol carole caroline carrie casey cass
catherine cecil cecilia celeste celia chad charlene charles charlie charlotte chelsea cher cheryl chester chloe chris
christian christina christine christopher christy chuck cindy claire clara clarence claude claudia clay clifford clint
clive cody cole colin connie conor cora corey cory courtney craig curt curtis cynthia cyril daisy dale damian damon
dan dana daniel danny daphne darius darlene darren darryl daryl dave david dawn dean debbie deborah dee delia della
dennis derek desmond dexter diana diane dick dion dionne dirk dominic dominick don donald donna donny dora doreen
dorian doris dorothy doug douglas duane duncan dwight dylan earl ed eddie edgar edith edmund edward edwin elaine
eleanor elena eli elias elijah elisa eliza elizabeth ella ellen elliott elsa elsie elvis emily emma eric erica erik
erin ernest ernie errol esther ethan eugene eva evan eve evelyn everett ezra fabian faith faye felix fiona florence
floyd fran frances francis francisco frank frankie franklin fred freda freddie gabriel gail garrett garth gary gavin
gene geoff george georgia georgie gerald geraldine gilbert gina ginger gladys glen glenda glenn gloria gordon grace
graham grant greg gregory greta gus guy gwen hal hank hannah hans harley harold harriet harris harry harvey hazel
heather hector heidi helen henrietta henry herb herbert herman hilary holly hope horace howard hubert hugh hugo ian
igor ike imogen ina ingrid ira irene iris irma irving isaac isabel isabella isaiah issac ivan jack jackie jackson
jacob jacques jade jake jamal james jamie jan jane janet janice janis jared jasmine jason jay jean jeanette jeanne jeb
jed jeff jennifer jenny jeremy jerome jerry jesse jessica jesus jill jim jimmie jimmy jo joan joanna jodie joe joel
joey john johnnie johnny jon jonah jonas jonathan jonny jordan jose joseph josephine josh joshua joy joyce juan jude
judith judy jules julia julian julie julien juliet june justin kara karen karin karl kate katherine kathleen katie
katy kay keira keith kelley kelly ken kendra kenji kenneth kenny kerry kevin kim kirk kit kris kristen kristin kurt
kyle lana larry lars laura laurel lauren laurence laurie lawrence leah lee leigh lena lenny leo leon leonard leroy
leslie lester leta levi lew lewis liam lily linda lindsay lindsey lionel lisa liz lizzie lloyd logan lola loretta
lorna lorraine lou louis louise lucas lucia lucille lucy luis luke luna luther lydia lyle lynn mabel mack madeleine
madison madonna mae maggie malcolm mandy manny marc marcel marco marcus margaret margo margot maria marianne marie
marilyn mario marion marjorie mark marlene marlon marsha marshall martha martin marty marvin mary mathew mathias
matilda matt matthew maureen maurice mavis max maya megan mel melanie melissa mercedes merle mervyn mia micah michael
michelle mick mickey miguel mika mike mildred miles millie milton minnie miranda mitch mitchell moby molly mona monica
monique morgan morris morrissey moses muriel murray myra myrtle nadia nadine nancy naomi natalie nate nathan ned neil
nellie nelson nicholas nick nico nicolas nicole nigel nikki nina noah noel noelle nolan nora norah norma norman olga
olive oliver olivia ollie orlando oscar otis otto owen pablo paloma pam pamela pat patricia patrick patsy patti paul
paula pauline pearl pedro peggy penny percy perry pete peter petra phil philip phoebe phyllis pink polly preston
quentin quincy rachel ralph ramona randy raquel raul ray raymond rebecca reggie regina rene reuben rex rhoda rhonda
ricardo richard rick ricky riley rita rob robbie robert roberta roberto robin robyn rocky rod roderick rodney roger
roland roman romeo ron ronald ronnie rory rosa rosalie rosanne rosemary rosie roslyn ross rowan roxanne roxy roy ruby
rudy rufus rupert russell rusty ruth ryan sabrina sadie sally salvador sam samantha samuel sandra sandy sara sarah
sasha saul scott sean selena serena sergei sergio seth seymour shane shannon sharon sheila shelby sheldon shelley
sherry shirley sid simon simone sinead skip slim sofia solange sonia sonny sophie spencer stacy stan stanley stefan
stella stephan stephane stephanie stephen steve steven stevie stu stuart sue susan suzanne sybil sylvia tammy tanya
tara tatiana ted terence teresa terrence terry tess tessa tex thelma thelonious theo theodore theresa thomas thurston
tiffany tim timothy tina tobias toby todd tom tommie tommy toni tony tracy travis trent trevor tricia trina trisha
troy tyler tyrone ursula val valerie van vance vanessa vera verna vernon veronica vic victor victoria vince vincent
viola virginia viv vivian vivien vladimir wade wallace walt walter wanda warren wayne wendell wendy wes wesley wilbert
wilbur wilfred wilhelm willa william willie willis willy wilma wilson winifred winston wolfgang woody wyatt xavier
yoko yolanda yvette yvonne zack zane zelda zoe
"""
_SURNAMES = """
adams anderson anton armstrong attila bailey baker barnes barrett bennett berry bishop blair bowie boyd bradley brady
brooks bryant burke burton bush butler campbell carlson carpenter carr carter chambers chandler chapman churchill
clark clarke clinton cobain coco cohen coleman collins connor conway cooper crosby cunningham curry davidson davies
davis dawson dixon donaldson donovan douglas dunn dylan edwards elliot evans farmer ferguson fisher fleming fletcher
ford foster fowler fraser freeman fuller gallagher garcia gardner gates gibson gilmour gonzalez goodman graves griffin
hall hamilton hansen harding hardy harper harrison hart hawkins hayes henderson hendrix hernandez hicks higgins
hoffman holland holmes hooker hopkins hudson hughes hunt ingram jackson jacobs jagger javier jefferson jenkins
jennings jensen johnson johnston jones kaufman keller kelly kennedy keys klein knight kohen lambert larson lawson
lennon levine lincoln lindsey lopez lowe lucius lynch macdonald malone mann marley marsh marshall martinez mason
matthews mayer mccarthy mccartney mcdonald mckenzie meyer miller mills mitchell montgomery moore moran morgan morris
morrison murphy myers nash nelson newman newton nichols nixon norris obama olivier osborne palmer parker parsons
patterson payne perkins peters peterson phillips pierce plant pope porter potter powell presley price purcell quinn
ramirez reagan reed reeves reynolds rhodes richards richardson rivera roberts robertson robinson rodgers rodriguez
rogers roosevelt ross rossi russell ryder sanchez sanders saunders schmidt schneider schultz shakespeare shaw shepherd
simmons simon simpson sinatra smith snyder spears spielberg springsteen stephens stevens stewart stone sullivan
sutherland taylor thompson thomson torres trump tucker turner vaughan vaughn wagner walker wallace walsh walters
warner washington watkins watson watts weaver webb weber webster wells west wheeler whitaker white wilkins williams
williamson willis wilson winehouse winter wolfe wood woods wright yates young
"""
PLACES = frozenset(_PLACES.split())
SURNAMES = frozenset(_SURNAMES.split())
GIVEN_NAMES = frozenset(_GIVEN_NAMES.split())
_THINGS_AND_GRAMMAR = frozenset(_THINGS.split()) | STOP_WORDS
WORDS = _THINGS_AND_GRAMMAR | PLACES | GIVEN_NAMES | SURNAMES
CALENDAR = frozenset(
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
)  # fmt: skip

@lru_cache(maxsize=1 << 13)
def is_everyday(word: str) -> bool:
    """Whether a folded word is an everyday one, a place, a given name, a number, or too short to be anything by itself.

    Two signs are enough where one is a letter and the other a digit ("U2").
    """
    if word in WORDS or word in CALENDAR or word.isdigit() or (word[:-1].isdigit() and word.endswith("s")):
        return True
    if len(word) <= 2:
        return not (word[0].isalpha() and word[-1].isdigit())
    return any(
        word.endswith(ending) and len(word) - len(ending) >= 3 and word[: -len(ending)] + instead in _THINGS_AND_GRAMMAR
        for ending, instead in ENDINGS
    )
