"""Words of the dictionary that few texts have, and nouns that stand without an article; both written for this.

A rare word is no everyday one, and yet it may be meant: "Anthrax" opens a sentence about a disease as well as one about
a band. Inside a sentence its capital says that it is a name; where a sentence begins, something else must.

A singular noun that can be counted has an article, so that "Kestrel circled the stage" is about somebody of that name.
Substances, feelings and what is abstract need none: "Smog hung over the stage".
"""

from __future__ import annotations

from functools import lru_cache

_RARE = """
abacus abalone abbey abbot abdomen ablaze abrupt abscess absurd abundant abyss acacia accept accordion acetone acolyte
acorn acre acrobat acrylic actuary adagio adamant adder addict adhesive adieu admiral admire adobe adorable adore
adrift aerial aerosol affidavit agate agave agony aileron airlock airship aisle alabaster albatross albino alchemy
alcove alder algae algebra alias alibi alkaline allege allegory allegro allergy allow alloy almanac almond aloe aloof
alpaca alpine altar altitude alto alum aluminium amalgam amaranth amaze ambassador ambergris ambulance ambush amethyst
ammonia ammunition amnesia amnesty amoeba amphora ample amplifier ampoule amulet anaconda anagram analyst anarchy
anatomy anemone anesthesia angler angora anise annex annoy anode anomaly anorak antenna anthem anthology anthracite
anthrax antibody antidote antimony antler anvil anxious apathy aperture apex aphid aplomb apostle apothecary apparatus
apparition applaud apprentice apricot apron apt aquarium aqueduct arabesque arbiter arbor arcadia archangel
archipelago architect archive ardent ardour aria arid arithmetic armada armadillo armchair armour aroma arrest arrive
arrowhead arsenal arsenic arson artery artichoke artifact artisan asbestos ascension ascent ashtray asparagus aspen
asphalt aspirin assassin assay assume asteroid asthma astronaut astute asylum atlantis atoll atrium atrophy attend
audit auger auk aurora auspice austere autograph automaton autopsy avalanche aviary aviator avocado avoid awkward
awning axiom axle azalea azimuth azure babble baboon bachelor backbone backgammon backlash backpack backyard bacteria
bagel bagpipe bailiff bait bakery balaclava balcony bale ballast ballet ballot balm balsa balsam bamboo bandage
bandana bandit banish banister banjo banknote banner banquet banshee bantam banter banyan baptism barb barbarian
barbecue barbell barber barge baritone barium barley barnacle barometer baron baroque barracks barracuda barrage
barrel barricade barrister bartender basalt bashful basilisk basin bassinet bassoon baste bastion batter battleship
bauble bauxite bazaar bazooka beacon beagle beak beaker bedlam bedouin bedrock beech beehive beeswax beet beetroot
behave behemoth belfry bellow bellows beret beryl bespoke betel beverage beware bewitch bib bicycle bidder bile
billiards bindweed binoculars biopsy biplane birch biscuit bishopric bismuth bistro bitumen blackberry blackbird
blackboard blackjack blackmail blackout blacksmith bladder bland blasphemy blatant bleach bleak blemish blender blimp
blissful blister bloodhound bloodstream blowtorch bludgeon bluebell blueberry bluebird blueprint blunder blunt blush
boa boardwalk boast bobbin bobcat bodyguard bogey bogus boiler bolero bollard bolster bolt bombardier bombshell
bonanza bondage bonfire bonnet bonsai bonus bookmark bookworm boomerang borax bordello borrow bosun botany bottleneck
boudoir boulder bounce bouncer bouquet bourbon boutique bovine boxcar boycott bracelet bracken bracket brag brakeman
bramble brass brassiere brawl brawn brazen brazier breadcrumb breakfast breakwater breathe brevity brewer brewery
briar bribe brigade brigadier brimstone brine brisk brisket bristle brittle broadsword brocade broccoli brochure
bronco bronze brooch brook broom broth brothel brow browser bruise brunch brunette brushwood brutal buccaneer buckle
buckshot buckwheat bud buff buffer buffet bugle bulb bulky bulldog bulldozer bullfinch bullfrog bullion bullock
bulwark bumblebee bumper bumpy bundle bungalow bunk bunker bunting buoy bureau bureaucracy burger burglar burial
burlap burlesque burrow burst bushel butane buttercup buttermilk buttress buzzard buzzer bystander cabaret cabbage
caboose cacao cache cadaver caddy cadet cadmium caffeine cairn caisson calabash calamity calcium calculate calculus
caldera calendar caliber calibre calico caliphate calligraphy callus calorie calypso calyx camellia cameo camouflage
camphor canary cancel candelabra candid candidate candlestick candour cane canister cannabis cannibal cannon canoe
canopy cantaloupe cantata canteen canticle canton canvas canyon capacitor capillary capo capsule caption captive
captor carafe caramel carat caraway carbide carbine carburettor carcass cardamom cardboard cardigan cardinal carefree
careless caress cargo caricature carmine carnage carnation carnivore carousel carpentry carriage carrier carrion
carrot cartel cartilage cartographer carton cartoon cartridge cartwheel carver cascade casement cashew cashmere casino
cask casket casserole castanet castaway caste castor casual casualty catacomb catalogue catalyst catamaran catapult
cataract catastrophe category caterpillar catfish catharsis cathode catnip cattle cauldron cauliflower caution
cautious cavalier cavalry caveat cavern caviar cavity cedar celery celibate cellar cello cellophane celluloid cement
cemetery censor census centaur centipede centrifuge ceramic cereal cerulean chalet chalice chambermaid chamois
chamomile champagne chandelier changeling chant chanter chaotic chaperone charade charcoal chariot charlatan charter
chasm chassis chateau chatter chauffeur checkers cheddar cheekbone cheer cheerleader chemist chemistry cherub chestnut
chevron chew chick chickadee chieftain chiffon chilblain chili chime chimera chimp chimpanzee chinchilla chisel chive
chloride chlorine chloroform chocolate cholera chopper chopstick chord chorister chowder chrome chromium chromosome
chronicle chrysalis chrysanthemum chubby chute cicada cinder cinnabar cinnamon cipher circuit circumference cistern
citadel citation citrus civet civilian clam clamp clan clandestine clap clapper claret clarinet clarity clasp
classmate classroom clatter clause clavicle claw cleanser clearance cleat cleaver clef clematis clergy cleric clerk
client climax clinch clipboard clipper cloak cloakroom clockwork clod clog cloister closet clot clothesline clover
cloves clue clump clumsy cluster coarse cobalt cobble cobbler cobweb cocaine cockatoo cockerel cockle cockpit
cockroach cocktail cocoa coconut cocoon codeine codex coffer cog cognac cohort coinage coke colander colic collage
collagen collateral colleague collector collide collier collision colonel colonist colonnade colossus colt columbine
column columnist coma comma commando commissar committal commotion commune commuter compact compartment compendium
comply compost compound comrade concave conceal concession conch concierge concord concourse concubine condenser
condiment condo condor conductor conduit cone confectioner confess confetti confuse congregation conifer conjurer
connoisseur conquest conscript consensus consort constable constellation constitution consul consume contagion
container contour contraband contralto convent convict convince convoy copier coppice copse copyright cord cordial
corduroy coriander cork corkscrew cormorant cornet cornflake cornflower cornice coronation coroner corpse corpuscle
corral correspondent corridor corsage corsair corset cortege cortex cosmetic cosmonaut cosmos cot cottage cougar coupe
couplet coupon courier courtesan courthouse courtyard covenant cowbell cowboy cowhide cowslip coy cozy cranberry
cranium crank cranky crate crater cravat crawler crayfish crayon crease credential credo creed creeper creepy
crescendo crescent cress crest crevice crib crimson cripple crisp crocus croissant crook croquet crossbow crossfire
crossroads crossword crowbar crucible crucifix crude crumb crumble crumpet crumple crusade crusader crust crutch crypt
cubicle cubist cucumber cuff cufflink culprit cultivator cumin cummerbund cupboard cupcake cupid curate curator curfew
currant currency curriculum cursive cursor curtsy cushion custard custodian custody cutlass cutlery cutlet cutter
cuttlefish cyanide cyborg cyclamen cyclist cyclops cygnet cylinder cymbal cynic cynical cypress cyst czar daffodil
dahlia dainty dairy dais damask damp damsel damson dandelion dandruff dandy dangle daredevil dashboard database dazed
dazzle deacon deadlock debris debtor debutante decal decanter decay deceit deceive decibel decide decimal decoy decree
deed default defector defend deficit deft defy deity delegate delirium deluge delusion demeanour dementia demise
dendrite denim denizen denounce dentist denture deny deodorant depart deportment deposit depot deputy derelict derrick
dervish descendant descender desertion deserve despair desperado despise dessert detach detachment detention detergent
detonator detour devious devour dexterity diabetes diadem diagnosis diagram dialect diaphragm diaspora dictator
dictionary diesel dilettante dim dimple dinghy diode diploma diplomat dipper dire disarm disarray discord discotheque
discover discus disgrace disguise dishwasher dismal disquiet dissident dissolve dissonance distillery distort ditto
diva divorce dizzy djinn doberman docile dogma doily doldrums dolmen dominion domino donor doorbell doorman doorway
dope dormant dormitory dormouse dossier doughnut dowry drab dragnet dragonfly drake drapery drawbridge dreadnought
dreary dredge dribble drill dromedary drone dropper drought drove drowsy druid dryad duchess duel duet duffel dugout
dulcimer dumb dumbbell dumpling dune dungeon duplex dustbin duvet dwarf dwell dwelling dynamite dynamo dynasty
dysentery eager earlobe earnest earring earthworm easel ebony eccentric echelon eczema eddy edelweiss edict eel eerie
effigy eggplant egret eiderdown elastic elbow elderberry electorate electrode electron elegy elf elite elixir ellipse
elm elocution elope elusive emblem embroidery embryo emerald emerge emigrant emissary emporium enamel enchant enclave
encore encyclopedia endive endure enigma enjoy enquiry enrage ensemble ensign entourage entrails envoy enzyme
epaulette epic epicure epidemic epilogue epiphany epitaph epoch epsom equator equinox erase eraser ermine errand
erratic erupt escalator escort escrow espionage esplanade espresso esquire essay estuary etching ethanol ether etude
eucalyptus eulogy eunuch euphoria evade evangelist evasive everglade evergreen evict evolve excavator exceed excerpt
excise executioner exhale exhaust exhibition exhibitor exist exorcist expand explain explode explore explosive expo
exporter extinguish extract extrovert eyeball eyebrow eyelash eyelid fabric facade facet fairground fairway falsetto
famine fanatic fanfare fang farce farmhouse farrier farthing fasten fathom fauna fawn fearless fedora feeble feisty
feline felon felony felt fen fender fennel fern ferocious fetch fetish feud fiancee fiasco fibre fickle fiddle fiddler
fiddlestick fidget fieldmouse fierce fig filament filigree fillet filter filth filthy fin finale financier finicky
firearm firebird firebrand firecracker firefly fireplace fireside firewall firewood firmament fisherman fission
fissure fixture fjord flagpole flagship flagstone flair flake flaky flamenco flange flank flannel flapjack flapper
flare flask flatiron flatten flax flea flee fleece fleet flicker flimsy fling flintlock flipper flirt floodgate
floodlight flop florin florist flotilla flotsam flounder fluffy flurry flutter flywheel foam fodder foe foetus foghorn
foil foliage folklore font footage footbridge foothill footnote footpath footprint footstep footstool forage forbid
forceps foreman foreplay foresight foreskin foreword forge forgery forgive forlorn formaldehyde formation fort
fortnight fortress forum fossil foundry fowl foxglove foxhole foxtrot foyer fracture frail frantic fray freckle
freelancer freesia freeway freezer frenzy fresco friar frigate frigid fringe frisbee frisky frock frogman frontman
frugal fruitcake fudge fugitive fugue fulcrum fumble fume fungus funicular funnel furious furlong furlough furnace
furrow fuse fuselage fusilier fussy futile fuzzy gable gadget gaffe gag gait gale gallant gallbladder galleon galley
gallon gallop galosh gambit gambler gamekeeper gamma gander gangplank gangrene gangster gantry gargoyle garland garlic
garnet garnish garrison garter gasket gasoline gasp gastropod gaudy gauge gaunt gauntlet gauze gavel gearbox geek
geisha gel gelatin gelding gem genie genome genre gent gentry geometry geranium gerbil germ geyser ghastly ghetto
ghoul giblet giddy gigolo gill gimmick gin gingham giraffe girder girdle gizzard glade gladiator glaze gleam glimmer
glitter glossary glucose glum glutton glycerine gnat gnaw gnome gnu goalkeeper goatee gobbler goblet goblin godfather
goggle goggles goitre goldfinch goldfish goldmine golem golf golfer gondola gong goofy gopher gorge gosling gospel
goulash gourd gourmet governess governor gown graceful grafter gramophone granary grandeur grandstand granite granule
grapefruit grapevine graph graphite grapple grasp grasshopper grate gravel gravestone graveyard gravy grease greasy
grebe greet gremlin grenade grenadier greyhound grid griddle grieve grill grime grinder gritty grocer groggy groin
groom grotesque grouchy groundhog grove growl grub grubby grudge gruel grumble grumpy guava guerrilla guild guillotine
guinea guise gulch gulf gull gullible gully gum gumboot gumdrop gunboat gunfire gunner gunpowder gunslinger guru
gusset gust gutter guzzler gymnasium gymnast gypsum gyroscope haberdashery hacker hacksaw haemorrhage hag haggis haiku
hairbrush haircut hairdresser hairpin halberd halide hallmark hallucination hallway halogen halyard hamburger hamlet
hammock hamper hamster handbag handball handbook handcuff handcuffs handgun handicap handkerchief handlebar handmaid
handrail handshake handstand handyman hangar hangman hangover hanky hapless harass hardcover hardware harem harlequin
harlot harmonica harness harpoon harpsichord harrow hassle hasty hatch hatchback hatchet hatter haughty haul haunch
havoc hawthorn haystack hazelnut hazy headache headband headdress headlamp headland headlight headmaster headphone
headset headstone hearse heartbeat heartbreak heartburn hearth heartland heath heathen heaver heckler hedgerow hefty
heifer heir heiress heist helium helix helm helmsman helpless hemlock hemp henchman henna heretic hermitage hernia
heroin heroine herring hesitate hex hexagon hiatus hibiscus hiccup hickory hideaway hideous hierarchy highland
highlander highwayman hijacker hike hiker hillside hilt hinge hippie hippo hitchhiker hitman hoarse hoax hobbit hobo
hoe hog hogwash holdall holdup holocaust hologram holster homage homework homicide hominid honeybee honeycomb
honeymoon honeysuckle hoodlum hoof hooligan hoop hooter hopeless hopper hopscotch horde hormone hornbill hornpipe
horoscope horrid horseback horseman horseradish horseshoe hose hostel hostess hostile hotdog hotplate hourglass hovel
hover hovercraft howl hub hubris huddle hue hull humid hummingbird hunchback hurdle hurdler hurtle husk hustler hut
hyacinth hybrid hydra hydrangea hydrant hydrogen hymnal hyperbole hypnosis hypnotist hypocrite hysteria ibex ibis
iceberg icebox icebreaker icicle icing icon icy idiom idiot idyllic igloo ignite ignore iguana imbecile imitate
immense immortal imp impala impasse impatient imperfect impetus implant implode imposter impostor impresario imprint
inbox incense incest incline incubator incubus indent index indigo inept inert infamous infantry inferno infidel
infirmary inflation influenza informant informer infusion ingot inhale inhaler inherit inject inkwell inlet inmate
inquest inquisition insane inscription insist insomnia inspector instigator insulin insurgent intellect intercom
interlude intermission intern internet intersection interstate intestine intrepid intrigue introvert intruder invade
invader invent inventor inventory inverter invite invoice iodine ion ionosphere irrigation irritate isotope isthmus
itch itchy itinerary jackass jackboot jackhammer jackpot jagged jalopy jamboree janitor jargon jaunty javelin jawbone
jaywalker jeans jeep jellyfish jeopardy jerk jester jeweller jigsaw jihad jinx jittery jockey joint joist jolly jotter
joust jovial joyful jubilee judo jug juggernaut juggler jukebox juniper juror jute kaleidoscope kangaroo karaoke
karate kayak kebab keel keg kelp kennel kerchief kerosene ketchup keyboard keyhole keynote keystone khaki kidnapper
kiln kilo kilt kimono kindergarten kindling kinsman kiosk kipper kiwi kleenex knapsack knave kneel kneeling knob
knocker knoll knuckle koala kooky krill kumquat label labyrinth laceration lackey lacquer lacrosse ladle ladybird
ladybug lagoon lair lame lamppost lampshade lance lancer landfill landlady landlord landslide lanky lapel larch larder
lariat larva larynx lasagne laser lasso latch lather latitude lattice laundromat laureate lava lavender lavish
lawnmower laxative layout leach leash leaven lectern ledge ledger leech leek leftfield leftover legume lemonade lemur
lender lens lentil leper leprechaun leprosy lesion lethal lethargic lettuce leukaemia lever leviathan lexicon lichen
licorice lieutenant lifeboat lifeguard ligament ligature lilac limb limbo limerick limestone limousine limp limpet
linchpin linen linger lingerie linguist liniment linnet linoleum linseed lint lintel lioness lipstick liquor lisp
litany lithium litmus litter liturgy livestock livid lobby lobbyist lobe lobotomy locksmith locomotion locomotive loft
lofty logbook logo loincloth loiter lollipop longbow longhorn longitude lookout loom loon loophole loot loris lorry
lotion lottery loudspeaker lough louse lout lozenge lubricant lucid ludicrous lullaby lumberjack luminary lumpy
lunatic lunge lupin lupine lurcher lurk luscious lush lute lye lynchpin lyre macabre macaroni macaroon macaw mace
machete machinist mackintosh maestro magenta maggot magma magnesium magnolia magnum mahogany mailbox mailman mainframe
mainsail maize malaria malice malicious mallard mallet malt mamba mammal mandarin mandate mandolin mandrake mandrill
mane manganese mango mangrove manhole maniac manicure manipulate mannequin manor mantel mantis mantle mantra manure
manuscript maraca marathon maraud marauder marigold marina marinade mariner marionette marjoram marksman marlin
marmalade marmot maroon marquee marquis marrow marshal marshmallow marsupial martini martyr marvel mascara mascot
masochist masonry masquerade massacre massage mast mastiff mastodon matador matchbox matchstick mathematician matinee
matrix matron mattress mausoleum maverick maxim mayfly mayonnaise meadowlark meager meander measles meatball medallion
meddler medic meditate medley meek megalith megaphone melancholy mellow melon memento menace menacing menagerie mend
menopause menthol mercenaries mercenary merchandise merge meridian meringue mermaid mesa mescaline mesh messenger
messiah metabolism metaphor meteorite methadone methane metronome mezzanine mica microbe microphone microscope
microwave midge midget midsummer midwife migraine mildew milestone militia milkman milkshake millet milliner
millionaire millipede millstone mime minaret mincemeat minefield mineral mineshaft minestrone mingle minibus minim
minion miniskirt minnow minotaur minstrel minuet mirage mire mirth miscreant miser misfit mishap missile missionary
missive mistletoe mistral mistress mite mitten moan moat moccasin mockery mockingbird modem moisture molar molasses
moll mollusc momento monarch monarchy monastery mongoose mongrel monitor monocle monogram monolith monologue monorail
moonbeam moonlight moonshine moorhen mop moped moray morbid morgue moron morphine mortar mortgage mortician mortuary
mosaic mosque motel motet mothball motif motorbike motorcade motorcycle motorist motorway mould mound mourn mourner
mournful moustache mouthpiece mucus muddy muffin mug mulberry mulch mullet multiplex mumble mumps mural murky murmur
mushy musk musket musketeer muslin mussel mustache mutant mutation mutineer mutiny mutter mutton muzzle myriad myrrh
nacho naive nanny napalm naphtha narcissus narcotic narrator narwhal nasturtium nasty naughty nausea navel navigator
neanderthal neat nebula neckerchief necklace necktie necromancer necropolis nectar nectarine negligee nemesis neophyte
nepotism nervous nettle neuron neurosis neutrino neutron newborn newcomer newlywed newsletter newspaper newsreel
newsstand nickel nickname nicotine nifty nightcap nightclub nightfall nightgown nightingale nightshade nightshirt
nimble nimbus ninja nipple nitrate nitrogen nocturne nomad nomination noodle noose normality nostril notary notch
notebook notepad nougat noun novella novice nozzle nuance nucleus nugget nuisance nunnery nursery nutcracker nuthatch
nutmeg nutrient nutty nylon nymph oar oath oatmeal oats obelisk obey obituary oblige oblivion oboe obscene observatory
observer obsidian obsolete obtain occult occur octagon octane octave octet odour offend ogre ointment oleander
oligarch omelette omen ominous omission omnibus onslaught ooze opal opaque opium oppose optician optimist oration orca
ordeal ordinance ordnance ore oregano organism organist orgasm origami ornament ornate osmosis ostrich ottoman ounce
outback outboard outburst outcast outhouse outlet outpatient outpost output outset outskirts outspoken ovary overcoat
overcome overdraft overdrive overload overlord overt overthrow overture owlet oxide ozone pacemaker pacifist packet
paddle paddock paddy padlock paella pageant pagoda pail paladin palate palette palisade palladium pallbearer pallet
pallid palmistry paltry pamphlet panacea pancake pancreas pandemic pandemonium pannier panorama pansy pantheon panties
pantomime pantry papacy paprika papyrus parable paradox paraffin paragon paragraph parakeet paralyse paralysis
paranoia paranoid parapet paraphernalia parasite parasol paratrooper parcel parchment pardon pariah parish parka
parody parole parsley parsnip parson parsonage partisan partition partridge passerby passport password pasta pastel
pastime pastor pastry pasture pathetic pathogen patio patriarch patriot patron pauper pavilion paw pawn pawnshop
payday payload paymaster pea peacock peanut peat pecan peck peculiar pedal pedestal pedestrian pedigree peeler peep
peephole peer pegasus pellet pelt pendant pendulum peninsula penitentiary pennant pennies pension pensioner pensive
pentagon pentagram penthouse peony peppermint perch percolator perennial perfumery perimeter periscope perish
periwinkle perjury perky perm permafrost peroxide perp persimmon persist personnel persuade pesticide pestle petal
petition petrel petroleum petticoat petty petunia pew pewter phalanx pharaoh pharmacist pharmacy phial phlegm phobia
phonograph phosphate phosphorus photocopier photon physician physicist physique pianola piccolo pickaxe picket pickle
pickpocket pickup pictogram pier piglet pigment pigsty pigtail pike pilchard pilgrim pilgrimage pillage pillar pillory
pimp pimple pinafore pinball pincer pincushion pineapple pinecone pinnacle pint pinwheel pious pipeline pistachio
piston pitchfork pitfall pixel pizza placard placenta placid plaid plaintiff plaintive plait plankton planner plantain
plantation plaque plasma plaster plasterer plateau platinum platoon platter platypus plausible playback playboy
playwright plea plead pleat pliers plinth plough plover plow ploy plumage plumber plume plump plunge plunger plutonium
plywood pneumonia poacher pod podium pogo poignant poker polarity polecat poll pollen pollute polo poltergeist
polyester polygon polygraph polymer polyp pomegranate pompom pompous poncho ponder ponderous ponytail poodle poorhouse
popcorn poplar poppy porcelain pore porpoise porridge portcullis porthole portico posse possum postage postcode
postman postmark postscript posture potash potion pottery pouch poultry pounce pour powerhouse prankster prawn preach
preamble precinct precipice precursor predecessor predicament prefect prefix pregnancy prelude premise premonition
prescription preserver pretzel prevail prey prickly priestess primate primrose prism pristine probe proceed producer
profanity profiteer prohibit prologue promenade prompter prong propaganda propane propeller propose prosecutor
prospector prosper prosthesis protagonist protector protein proton prototype proverb prow prowl prowler prudent prune
psalm psalter pseudonym psyche psychiatrist psychologist psychosis pterodactyl puck pudding puddle puffin pug pulley
pulpit pulsar pumice puncture pundit pungent puppeteer purgatory puritan pus putty pygmy pyjamas pylon pyre python
quack quadrant quagmire quaint quake quarantine quark quarrel quarry quart quarterback quartz quasar quay queasy
quench quiche quicksand quicksilver quill quince quinine quit quiver quiz quorum quota rabbi rabble rabies raccoon
racehorse racetrack racket radial radiant radish radium radius radon raffle raft rafter raider raincoat raindrop
rainfall rainforest rainstorm raisin rake rambler ramp rampage rampant rampart ransom rapier rapture rascal rash rasp
raspberry ratchet ration rattle rattlesnake raucous rave ravenous ravine reactor realm realtor ream reaper rebate
rebellious rebuild rebuke recede receiver receptacle receptionist recess recital reckless recluse recoil recruit
rectangle rector redcoat redhead redwood reel referee referendum refinery reflector reflex refrain refrigerator
refugee regal regalia regatta regent regiment registrar registry rehearse rejoice relapse relay relent relentless
relic relish rely remorseful renegade renounce repent repertoire replicant reptile republic rerun reservoir residue
resilient resin resist respite restaurant restive resume retaliate retina retort retrieve retriever reveille reveller
rhapsody rheumatism rhinestone rhino rhododendron rhubarb rhyme rickets ricochet riddle ridge rigging rigid rigor rink
rinse ripper ripple rivet rivulet roadblock roadhouse roadside roadster roadwork roast robber robbery robe robust
rodent rodeo roebuck rogue romper rooftop rookery rookie roost rooster rosary rosebud rosette roster rosy rotate rotor
roulette roundabout rowboat rowdy rubble rucksack rudder ruffian ruffle rugby rugged rum rumble rummage rune runt
runway rupture rye sabbath saber sable sabotage saboteur sabre sachet sackcloth sacrament saffron saga sage saguaro
sailboat sake salamander salami salary salesman saline saliva saloon saltpetre salute salvage salve samba samovar
sampan sampler samurai sanatorium sandal sandalwood sandbag sandbank sandpaper sandpiper sandstone sandstorm sane sap
sapling sapper sapphire saraband sarcasm sarcophagus sari sash sassy satchel satire saucepan sauna sausage saviour
savory savvy sawdust sawmill sawyer saxhorn scab scabbard scaffold scalp scalpel scalper scapegoat scarab scarecrow
scarf scarlet scatter scavenger scenic scent sceptic sceptre schism schizophrenia schooner sciatica scimitar scold
scone scoop scooter scorch scorcher scornful scoundrel scourge scowl scramble scrap scrapbook scraper screech scribble
scribe scrimmage scripture scroll scrub scruple scullery sculptor sculpture scum scurvy scythe seabed seafarer seafood
sealant seam seamstress seance seaplane searchlight seashell seashore seaside seaweed secretary sect sedan sedative
sediment seduce seesaw segment seismograph seize semaphore semester semicircle semicolon seminar seminary sensor
sentry sepia septet sepulchre sequin sequoia seraph serenade serene serf serge serial serum server sesame settee
setter settlement setup sewage sewer sextant sextet shabby shack shackle shad shady shallot shaman shamrock shanty
sharpener shatter shave shawl shears sheath sheen sheepish shekel sherbet shilling shin shingle shipment shipwreck
shipyard shiver shoal shoelace shoemaker shopkeeper shoplifter shoreline shortage shorthand shotgun shrapnel shred
shrewd shrill shrimp shrink shrivel shroud shrub shudder shunt shuttle sibling sickle sideboard sideburns sidecar
sideshow sidewalk sieve signature signet signpost silhouette silicon silkworm sill silo silt silverware simian simmer
sincere sinew sinner sinus siphon sirloin sitar sizzle skateboard sketch skewer skid skillet skinny skipper skirmish
skit skylark skylight skyline skyscraper slab slalom slander slapstick slaughter slayer sled sledge sledgehammer sleek
sleeve sleigh slender sleuth slick slime slimy sling slingshot slipper slippery slit slither sliver sloth sluggish
sluice slum slur slush sly smallpox smear smelter smother smoulder smug smuggler snapper snapshot snare snarl snatch
sneaker sneeze sniper snob snooker snore snorkel snout snowball snowboard snowdrop snowfall snowflake snowman
snowplough snowstorm snug soapbox soar sob sober sobriety socket sod soda sodium sofa solemn sombre sonar sonata
sonnet soot soothe soothsayer soprano sorcerer sorceress sorcery sorrel souvenir sovereign soy soya spa spacecraft
spaceman spaceship spacesuit spaghetti spaniel spanner spar sparse spartan spasm spatula spawn spear spearhead
spearmint specimen speck spectator spectral spectre speedboat speedway spellbinder sperm spin spinach spindle spine
spinner spinster spiral spire spit spittoon spleen splendid splinter spokesman sponsor spook spool spotlight sprain
sprawl spreadsheet sprig sprinkler sprint sprinter sprite sprocket sprout spruce spur squadron squall squash squatter
squeal squint squire squirt stab stag stagecoach stagger stagnation stainless staircase stairway stairwell stalactite
stalagmite stale stalemate stalker stallion stamen stammer stampede stanza staple stapler starboard starch starfish
stark starlet starlight starvation stationery statuette steamboat steamroller steed steeple steeplechase stencil
stepmother steppe stereotype sterile stern steroid stethoscope steward stewardess stickler stiff stifle stiletto
stimulant stipend stirrup stoat stockade stockbroker stockpile stoic stoker stool stoppage stopwatch stout stove
stowaway straggler strait straitjacket strand strangler stratosphere stray streak streamlet streetcar streetlight
stripper strive strobe stroll stronghold strudel stub stubble stubborn stucco stud stumble stump stunt stupor sturdy
stutter stylus suave subdue sublime submerge subside suburbia succumb suction suffocate sullen sulphate sulphur sultan
sultana sultry summon summons sunbeam sunburn sundial sundown sunfish sunflower sunglasses sunshine superhero
supermarket supernova supersonic supervisor suplex supple surfboard surgeon surname surpass surplus surreal surveyor
suspend suspender swagger swallowtail swanky swarm swastika sway sweatshop sweetheart swindler swine swipe switchblade
switchboard swollen swordfish swordsman sycamore syllable syllabus symmetry symposium synagogue synapse syndicate
synod synopsis syntax syringe syrup tabernacle tablecloth tablespoon tablet tabloid taboo tacit tack tackle taffeta
tailgate takeaway takeoff talc talisman tallow talon tamarind tambourine tame tandem tangle tango tangy tankard tanner
tannery tantrum tapestry tapeworm tapioca tapir tar tarantula tariff tarmac tarnish tarot tarpaulin tarragon tart
tartan tartar tassel taunt taut tavern tawdry teabag teacup teak teapot teaspoon technician tectonic teddy telegraph
teleprinter teller tempest template tempo temptation tempura tendon tendril tenement tenon tenor tentacle tepid
termite tern terrace terracotta terrain terrapin terrarium terrier terrorist terse testicle testimonial tetanus tether
thatch theorem thermometer thermos thermostat thesaurus thesis thicket thigh thimble thistle thong thoroughbred thrash
thrasher thresher thrifty thrive throb throng throttle thrush thruster thug thunderbird thunderbolt thunderstorm thyme
thyroid tiara tick ticker tickle tidbit timbre timepiece timetable tinder tinderbox tinsel tinsmith titan titanium
toadstool tobacconist toboggan toddler toffee tofu toga toil tollbooth tomahawk tomboy tombstone tomcat tonic tonnage
tonsil toolbox toothache toothbrush toothpaste toothpick topaz topping topple torchlight torment torpedo torrent torso
tortilla toss totem toucan touchdown toupee tournament tourniquet towboat towline townhouse toxin traction tractor
trademark trainee trainspotter traipse tramp trample trampoline trance tranquil transcript transient transistor
translator translucent transplant transponder trapdoor trapeze trapper traverse trawler tray treadmill treason
treatise trellis trench trenchcoat trespass trespasser trestle triage tribunal tribune tributary tricycle trident
trifle trigger trillium trinket triplet tripod tripwire trireme trite trojan troll trolley trombone troop trooper
trophy tropic trotter troubadour trough trowel truant truce trudge truffle truncheon trustee tsar tsunami tub tuba
tuberculosis tug tugboat tuition tumble tumbler tumbleweed tumour tundra tungsten tunic turban turbid turbine turbo
turbulence turf turmoil turnip turnout turnpike turnstile turntable turpentine turquoise turret tusk tutor tuxedo
tweed tweezers twig twine tycoon typewriter typhoid typhus typist udder ulcer ultimatum ultrasound umpire undercoat
underdog undergraduate undergrowth undertaker undertow underwear underwriter unfold unison unleash unravel unruly
untie unveil unwind unwound upbeat upbringing upheaval upholstery upright uproar uproot upstart uranium urchin
urethane urn urticaria usurper utensil uterus uvula vacant vaccine vagabond vagrant vague valet valiant valise valve
vandal vanguard vanish vantage vapid vapour varnish varsity vase vaseline vaudeville vector vein vellum velocity
velodrome vendetta vendor veneer vengeful venison vent ventilator ventriloquist veranda verb verbena verbose vermilion
vermin vermouth vertebra vertigo vest vestibule vestige vestment veto vex viaduct vibe vibes vibrant vicar viceroy
videotape vigil vigilant vigilante vile villa villain vinegar vineyard visa visage viscount visor vista vitamin
vitriol vivacious vivid vixen volatile volley volleyball volt voltage vomit voracious vortex vowel voyeur vulgar wacky
wad wafer waffle waistcoat waitress walkman wallaby wallpaper walnut waltz wand wanderlust warbler warden wardrobe
warhead warlock warlord warp warplane warship wart warthog washboard washout wasteland watchdog watchmaker watchman
watchtower waterbed watercolour watercress waterfall waterfront watermark watermelon watermill waterproof watt wattle
waveform wavelength waxwing wayfarer weaponry webbing webcam weep weevil weightlifter weir weld welder werewolf wharf
wheelbarrow wheelchair whelk whelp whey whiff whim whimper whimsical whine whiplash whippet whirl whirlpool whirlwind
whisk whisker whitewash whittle whiz wholesale whopper wick wicker wicket widget wiggle wigwam wildcat wildebeest
wildfire wildflower wildlife wilt wily wimp winch windfall windmill windowpane windshield windsock windstorm winery
wingspan wink wisp wisteria wistful wit witchcraft withers witty wizardry wobble woeful wolfhound wolverine womb
wombat woodcut woodcutter woodland woodshed woodwind woodwork woodworm workbench workbook workforce workhorse workman
workout worksheet workshop wrangle wrapper wrath wreath wreckage wrench wrestler wretched wriggle wringer wrinkle
wristwatch wry xenon xerox xylophone yacht yardstick yearn yeast yeoman yeti yew yodel yoga yoghurt yogi yoke yolk
yucca zany zealous zenith zephyr zeppelin zest zeta ziggurat zinc zinnia zip zipper zither zodiac
"""
_MASS = """
abuse access acid acne action admiration adolescence adrenaline adulthood adventure advice affection age agony air
alchemy alcohol algae algebra amber ambition ammonia amnesia anarchy anatomy anger anguish anthrax apathy applause
architecture ardour arithmetic aroma arsenic arson art asbestos ash asphalt aspirin asthma attention attraction autumn
bacon bacteria baggage balance bamboo bankruptcy barley basil beauty bedlam beef beer behaviour belief betrayal birth
bitumen blackmail blame blasphemy bleach bliss blood bondage boredom bourbon brandy brass bravery bread breakfast
breath bribery brine brocade bronze bureaucracy burlesque business butter buttermilk caffeine cake calcium calculus
camouflage camphor cancer candour candy cannabis capitalism caramel carbon cardboard care carnage carpentry cash
cashmere cattle caution caviar celery celibacy cement censorship champagne chance change chaos charcoal charity charm
chatter cheddar cheese chemistry chess childhood china chlorine chocolate cholera chrome church cider cinema cinnamon
civilization clarity clay clergy cloth clothing clutter coal cobalt cocaine cocoa codeine coffee coke collagen college
comedy comfort commerce communication communism company compassion competition compost concern concrete confetti
confidence conflict confusion congress conscience consensus consent construction contraband control conversation
copper copyright coral corn corrosion corruption cotton courage court cowardice crack craft cream creation credit
crime crockery crude cruelty culture curiosity currency curry custard cyanide damage damask dance dancing danger
darkness data dawn daylight daytime death debate debris debt decay deceit decency defeat defiance delight delirium
delivery delusion demand dementia democracy denial denim depression depth desire despair desperation destiny
destruction detergent determination devotion dew dexterity diabetes diesel difference dignity dinner dirt disarray
discipline disco discord disease disgrace disgust dismay disorder dissonance distance distortion divorce doom dope
doubt drama drapery dread drinking drizzle drought duck dusk dust duty dynamite earth ease ebony economics ecstasy
education effort electricity elegance embroidery emotion employment enamel encouragement energy enjoyment
enlightenment enough entertainment enthusiasm envy equality equipment eroticism espionage eternity ethanol ether
etiquette euphoria everybody everything evidence evil evolution excess excitement exhaustion exile existence
experience explosion exposure extravagance fabric failure faith fame famine fashion fate fatigue fauna fear feedback
felt fiction film filth fire fireworks fish flattery flax flesh flora flour fluid foam fodder fog foil foliage
folklore food football force foresight forgiveness fortune freedom freight friction friendship frost fruit fuel fun
funk fur furniture fury fusion gambling garbage garlic gas gasoline gauze gelatin generosity genius geography geology
geometry gin ginger glamour glass gloom glory glucose glue gold golf gossip government grace grain grammar granite
graphite grass gratitude gravel gravity gravy grease greed grief grime guilt gunfire gunpowder gypsum hair half
happiness hardware harm harmony harvest haste hate hatred havoc hay hazard health hearing heat heaven heaviness helium
hell help hemlock hemp henna heresy heritage heroin heroism history holiness homework homicide honesty honey honour
hope horror hospitality housing hubris humanity humidity humility humor humour hunger hydrogen hype hypnosis hysteria
ice icing idleness ignorance illness imagination immunity impatience incense incest independence indigo industry
infancy infantry inflation influence influenza information inheritance injustice ink innocence insanity insight
insomnia inspiration instinct insulin insurance integrity intellect intelligence interest intimacy intuition iodine
iron irony irrigation isolation ivory ivy jade jam jargon jazz jealousy jelly jewellery joy judo justice karaoke
karate karma kelp kerosene ketchup khaki kindness knowledge labor labour lace land language laughter laundry lava
lavender law lead leather legend legislation leisure leprosy less liberation liberty lichen life light lightning
limestone linen lint literature lithium litter livestock logic loneliness longing loot loss love loyalty luck luggage
lumber lunch lust luxury machinery madness magic magma magnesium mahogany mail makeup malaria malice malt man mania
mankind manure marble margarine marriage mathematics matter mayhem mayonnaise meanness measles meat mechanics medicine
melancholy membership memory merchandise mercury mercy metabolism metal methane mica midnight milk mint mirth mischief
misery misfortune mist mockery moderation modernism modesty moisture molasses money more morphine mortality moss
motherhood motion mud mulch mumps murder muscle music musk muslin mustard mutation mutton mysticism mythology napalm
nature nausea neglect nepotism news nicotine night nightfall nightlife nitrogen nobody noise nonsense noon nostalgia
nothing nourishment nudity nylon oak oatmeal obedience obesity oblivion obscurity obsession oil opinion opium
opposition optimism order ore oregano origami osmosis oxygen ozone pain paint panic paper paradise paralysis paranoia
pardon parking parliament parsley part passion pasta patience peace peat pepper peppermint perception percussion
perfection performance perfume permafrost permission persuasion petrol petroleum philosophy photography physics pizza
plague plankton plasma plaster plastic platinum pleasure plenty plutonium plywood pneumonia poetry poison poker policy
polish politics pollen pollution polo polyester popcorn popularity porcelain pork pornography porridge possession
pottery poultry poverty powder power practice praise prayer precision pregnancy prejudice preparation presence
pressure prestige pride prison privacy production profanity profit progress propaganda propane property prosperity
protection protein protest psychiatry psychology publicity punishment punk purity pus pyrotechnics quality quantity
quartz quicksand quicksilver quiet quinine rabies radiation radio radium rage rain rainfall raw reading reality reason
recovery recreation recycling redemption reflection reggae regret rehearsal rejection relaxation relief religion
remorse repetition reputation research resentment resilience resin resistance respect responsibility rest resurrection
retirement revenge revolution rhubarb rhythm rice riches rock romance rope rot royalty rubber rubbish rubble rugby
ruin rum rumor rumour rust rye sabotage sadness safety saffron sail sake salmon salt salvation samba sanctuary sand
sandpaper sandstone sanity sap sarcasm satin satire satisfaction sawdust scandal scarcity schizophrenia school science
scrap scripture scrutiny scum seafood seaweed secrecy security sediment segregation self selfishness sense separation
sepia serenity service sewage sex shade shame shampoo shelter sherry shit shortage sickness silence silicon silk silt
silver simplicity sin singing skiing skin slander slaughter slavery sleep sleet slime slush smallpox smell smog smoke
snow soap sobriety soccer society sodium software soil solace solidarity solitude soot sorcery sorrow soul sound soup
soy space spaghetti speculation speech speed spice spite sport spring squalor squash stability stamina starch
starlight starvation static stationery status steam steel stew stone strength stress structure stubble stubbornness
stucco stuff stupidity style substance success suede suffering sugar suicide sulphur summer sunburn sunlight sunrise
sunset sunshine superstition surf surgery surplus surrealism surrender survival suspense suspicion sweat symmetry
sympathy syrup talc talent tar tartan taste tea teak technique techno technology telepathy television temperance
temptation tennis tension terror testimony texture thatch theft theology therapy thirst thought thunder thyme timber
time tin tinsel titanium tobacco tofu toil tolerance torment torture touch tourism town trade tradition traffic
tragedy training trance tranquility transition translation transport trash trauma travel treason treatment trouble
trust truth tuberculosis tuition tungsten turbulence turf turmoil turpentine tweed twilight twine typhoid tyranny
ugliness unity university unrest uranium vandalism vanilla vanity vapour variety varnish vegetation velvet vengeance
venison venom victory vinegar vinyl violence virtue vision vitriol vodka vulgarity war warfare warmth washing waste
water wax weakness wealth weaponry wear weather weight welfare wheat whiskey whisky wilderness wildlife wine winter
wisdom wit witchcraft wonder wood wool word work worry worship wrath wreckage yeast yoga yogurt youth zest zinc
"""
RARE_WORDS = frozenset(_RARE.split())
MASS = frozenset(_MASS.split())
ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"),
    ("y", ""), ("ly", ""),
)  # fmt: skip
"""Regular endings, and what stands in their place in the base form."""
_ABSTRACT = (
    "ness", "ity", "tion", "sion", "ment", "ance", "ence", "ancy", "ency", "ism", "ship", "dom", "hood", "ology",
    "ics", "ing", "age", "ware",
)  # fmt: skip


def needs_no_article(word: str) -> bool:
    """Whether a folded singular can open a clause without an article: a substance, something abstract, a gerund."""
    return word in MASS or (len(word) > 5 and word.endswith(_ABSTRACT) and word not in _COUNTED)


_DERIVED = (
    "ive", "ous", "ful", "less", "able", "ible", "ment", "ness", "ship", "ism", "tion", "sion", "ance", "ence", "ancy",
    "ency", "ology", "graphy", "ical", "ward", "wise", "some",
)  # fmt: skip
_COUNTED_WORDS = """
pavement monument instrument basement apartment document element garment segment fragment ornament moment regiment
parliament tournament tenement testament cabinet village message garage sausage bandage cottage carriage collage
montage image engine string spring station nation mansion pension fusion session mission passion ambulance audience
hospital university city kingdom building wedding painting darling sibling duckling gosling sterling
"""
_COUNTED = frozenset(_COUNTED_WORDS.split())
"""Words with such an ending that can be counted all the same."""


@lru_cache(maxsize=1 << 13)
def is_uncommon(word: str) -> bool:
    """Whether a folded word, or what it is a regular form of, is in the dictionary though few texts have it.

    One that ends as English makes words of others ("cursive", "fearless") is taken to be.
    """
    if word in RARE_WORDS or (len(word) > 5 and word.endswith(_DERIVED)):
        return True
    return any(
        word.endswith(ending) and len(word) - len(ending) >= 3 and word[: -len(ending)] + instead in RARE_WORDS
        for ending, instead in ENDINGS
    )
