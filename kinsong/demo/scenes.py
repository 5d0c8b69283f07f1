"""The eight scenes of the demo world and the words that each has for itself; every name in them is made up."""

from __future__ import annotations

from dataclasses import dataclass

SUBSCENES = 3
"""Circles inside a scene; word i of a list belongs to circle i mod 3 and is that circle's favourite."""


def words(text: str) -> tuple[str, ...]:
    """The comma-separated entries of ``text``."""
    return tuple(" ".join(entry.split()) for entry in text.split(",") if entry.strip())


@dataclass(frozen=True)
class Scene:
    """A scene: its words by kind, and the two scenes whose words and listeners it shares most."""

    name: str
    neighbours: tuple[str, str]
    vocabulary: dict[str, tuple[str, ...]]
    """Kind of word → words. genre, inst (one instrument, without article), adj, noun (plural or mass nouns of sound),
    image (what songs are about), place, venue, label, producer, festival, mood (mass nouns), title (parts of them)."""


def _scene(name: str, neighbours: str, **kinds: str) -> Scene:
    first, second = words(neighbours)
    return Scene(name, (first, second), {kind: words(text) for kind, text in kinds.items()})


SCENES: tuple[Scene, ...] = (
    _scene(
        "harbour folk",
        "dust blues, parlour pop",
        genre="harbour folk, quay song, shanty revival, net-loft folk, tidal acoustic, pier balladry",
        inst="accordion, concertina, fiddle, tin whistle, bouzouki, melodeon, bodhrán, cittern, pump organ, "
        "nyckelharpa, penny flute, mandola",
        adj="salty, briny, weathered, tidal, foggy, seafaring, windblown, barnacled, drizzly, rope-burnt, creaking, "
        "lamplit, homesick, unhurried, three-part, tarred",
        noun="shanties, reels, rounds, sea ballads, unison choruses, work songs, drinking songs, jigs, laments, "
        "call-and-response verses, foot stomps, bellows swells, tavern harmonies, droning fifths, hornpipes",
        image="lighthouses, missed ferries, drowned sailors, herring boats, widows on the quay, storm warnings, "
        "whale roads, salt, gulls, letters from sea, tide tables, wreckers, rope walks, harbour masters",
        place="Skarnholm, Port Ellery, Vessing Quay, Morrowness, Tarbet Hythe, Saltmarsh, Grey Sound",
        venue="the Net Loft, the Anchor Rooms, Pilot House, the Old Chandlery, Lifeboat Hall",
        label="Bollard Records, Slipway, Gannet & Sons, Low Water Recordings, Pier Nine",
        producer="Una Brandvold, Corm Tassel, Hilda Sørness, Peder Oake, Wenna Trask, Jory Penhale",
        festival="Skarnholm Regatta Sessions, the Herring Days, Lanterns on the Quay",
        mood="homesickness, stoicism, fellowship, yearning, sea fever, gratitude",
        title="Tide, Lantern, Anchor, Ferry, Gull, Salt, Rope, Widow, Harbour, Keel, Foghorn, Net, Storm, Pilot, "
        "Cove, Oar, Mast, Herring, Breakwater, Drift, Buoy",
    ),
    _scene(
        "glass techno",
        "tram dub, chapel drone",
        genre="glass techno, prism house, cold minimal, mirror electro, pane step, crystal acid",
        inst="modular synthesiser, drum machine, sequencer, vocoder, sampler, acid box, wavetable, ring modulator, "
        "filter bank, clap generator, arpeggiator, contact microphone",
        adj="glassy, clinical, crystalline, four-to-the-floor, hypnotic, refracted, sterile, robotic, mirrored, "
        "strobe-lit, chiselled, bright-edged, quantised, frosted, relentless, sleepless",
        noun="arpeggios, hi-hats, kick drums, sawtooth leads, sidechained pads, clicks, rimshots, acid lines, loops, "
        "filter sweeps, polyrhythms, sine bleeps, warehouse stabs, blips, gated chords",
        image="mirrors, empty laboratories, server rooms, frost on windows, night shifts, elevators, chandeliers, "
        "satellites, refracted light, steel and glass, surveillance, sleepless weekends, data, sliding doors",
        place="Neu Kessin, Vantar, Glasgrund, Oberlicht, Sector Twelve, Halvmarken, Torsk Island",
        venue="Prisma, Kühlraum, the Vitrine, Club Lumen, Hall of Panes",
        label="Vitrum, Shard Audio, Nullpunkt, Clear Cut Trax, Kaltglas",
        producer="Ottmar Lind, Ines Vasko, Dr. Facet, Rune Halberg, Mika Tolvaj, Sanna Quist",
        festival="Nachtglas, the Prism Weekender, Refraktion",
        mood="euphoria, detachment, vertigo, precision, insomnia, coolness",
        title="Pane, Prism, Shard, Lumen, Mirror, Facet, Grid, Signal, Vector, Strobe, Glass, Vitrine, Phase, Cell, "
        "Quartz, Relay, Lens, Pixel, Frost, Index, Loop",
    ),
    _scene(
        "dust blues",
        "harbour folk, orchard jazz",
        genre="dust blues, mule-road blues, slide country, porch gospel, dry-creek boogie, gravel soul",
        inst="slide guitar, harmonica, lap steel, washboard, resonator, banjo, jug, stomp box, cigar-box guitar, "
        "dobro, upright piano, jaw harp",
        adj="dusty, gritty, sunburnt, hard-travelled, raw-boned, moaning, whiskey-soaked, swampy, twelve-bar, "
        "parched, gravelly, rusty, godfearing, hollering, loose-limbed, crooked",
        noun="shuffles, bottleneck licks, hollers, turnarounds, train rhythms, bent notes, spirituals, one-chord "
        "vamps, boogie figures, field recordings, growls, talking verses, porch stomps, slow drags, gospel "
        "choruses",
        image="dry wells, freight trains, bad debts, county jails, crossroads, drought, preachers, mules, long "
        "roads, cotton fever, rattlesnakes, unpaid wages, dust storms, motel rooms",
        place="Calder Flats, Mesquite Bend, Tolliver, Red Gulch, Hackberry, Bone Creek, Two Wells",
        venue="the Feed Store, Mabel's, the Dry Dock Tavern, Juke Nineteen, the Grange",
        label="Mule Kick, Tumbleweed 78s, Gravel Road Records, Cistern, Dirt Lot",
        producer="Eustace Bell, Delphine Crowe, Buck Larrabee, Odell Hatch, Roxie Tate, Lem Sutter",
        festival="the Tolliver Fish Fry, Dust Bowl Days, the Long Porch",
        mood="regret, defiance, weariness, repentance, swagger, heartache",
        title="Dust, Mule, Gravel, Well, Train, Preacher, Drought, Rattler, Whiskey, Crossroads, Debt, Jailhouse, "
        "Creek, Mercy, Rust, Trouble, Levee, Highway, Bone, Sundown, Porch",
    ),
    _scene(
        "tram dub",
        "glass techno, orchard jazz",
        genre="tram dub, depot reggae, overpass steppers, echo soul, night-bus riddim, viaduct roots",
        inst="melodica, tape echo, bass guitar, clavinet, spring reverb, rhythm box, conga, trombone, organ stab, "
        "mixing desk, siren, kalimba",
        adj="dubby, bass-heavy, echoing, smoky, skanking, subterranean, rubbery, laid-back, humid, cavernous, "
        "offbeat, militant, spacious, rolling, half-time, sun-warped",
        noun="basslines, riddims, echo trails, offbeats, rimshot patterns, versions, toasts, dub plates, delay "
        "throws, horn sections, sub-bass pulses, skanks, melodica themes, sound-system cuts, percussion breaks",
        image="night buses, overpasses, rent strikes, tram depots, street markets, police sirens, summer heat, "
        "tower blocks, ancestors, train lines, curfews, kitchen windows, neighbours, election posters",
        place="Eastmarket, Viaduct Row, Lower Tamsin, Depot Hill, Quarry Estate, Pellham, Junction Five",
        venue="the Switchyard, Tram Shed Four, Basement Ninety, the Roundhouse Kitchen, Carnival Yard",
        label="Terminus, Overhead Wire, Heavy Carriage, Lion Stop, Points & Signals",
        producer="Papa Ledger, Winsome Drake, Scientist Moy, Clement Audley, Nadira Fenn, King Conductor",
        festival="the Viaduct Carnival, Sound Clash Sunday, Bassweight",
        mood="resistance, warmth, patience, unity, vigilance, ease",
        title="Version, Depot, Riddim, Tram, Babel, Wire, Station, Curfew, Lion, Market, Viaduct, Conductor, "
        "Echo, Ticket, Siren, Junction, Terminus, Heat, Yard, Transfer, Signalman",
    ),
    _scene(
        "orchard jazz",
        "parlour pop, dust blues",
        genre="orchard jazz, cider swing, meadow bop, grove free jazz, ladder-quartet jazz, windfall modal",
        inst="tenor saxophone, double bass, flugelhorn, bass clarinet, vibraphone, trumpet, brushed snare, alto "
        "flute, guitar synth, grand piano, cornet, soprano saxophone",
        adj="swinging, syncopated, modal, improvised, autumnal, pastoral, angular, lyrical, smouldering, ripe, "
        "restless, contrapuntal, breathy, bluesy, leafy, polytonal",
        noun="solos, ballads, walking lines, chord substitutions, riffs, head arrangements, trading fours, modal "
        "vamps, ostinatos, brush strokes, unaccompanied cadenzas, collective improvisations, swing figures, "
        "codas, counterlines",
        image="apple trees, late harvests, bees, autumn light, country roads, picnics, old photographs, rain on "
        "leaves, ladders, unfinished letters, birdsong, cellars, first frost, bicycles",
        place="Pomeroy, Applegarth, Bramley Vale, Saint Odo, Quincewood, Lower Perry, Medlar",
        venue="the Cider Press, the Blue Ladder, Café Quince, Barn Eleven, the Pomona Room",
        label="Windfall, Grafted, Russet Records, Cellar & Stem, Pippin",
        producer="Lionel Frome, Adela Marchetti, Theo Wickens, Sunniva Dahl, Barnaby Crewe, Renata Silk",
        festival="the Blossom Nights, Pomeroy Jazz Week, Harvest Changes",
        mood="tenderness, curiosity, wit, languor, conversation, reverie",
        title="Apple, Orchard, Ladder, Russet, Bee, Blossom, Windfall, Cider, Quince, Meadow, Branch, Pear, "
        "Harvest, Graft, Cellar, Pippin, Leaf, October, Hedgerow, Medlar, Basket",
    ),
    _scene(
        "kiln metal",
        "chapel drone, tram dub",
        genre="kiln metal, furnace doom, slag thrash, ember sludge, smeltcore, ash black metal",
        inst="seven-string guitar, double kick drum, distortion pedal, baritone guitar, floor tom, fuzz bass, "
        "china cymbal, anvil, amplifier stack, wah pedal, flying-V guitar, blast snare",
        adj="crushing, scorched, down-tuned, molten, brutal, punishing, thunderous, blackened, sludgy, volcanic, "
        "savage, guttural, charred, galloping, merciless, iron-clad",
        noun="breakdowns, blast beats, growled vocals, tremolo runs, power chords, gang shouts, palm-muted chugs, "
        "doom passages, double-kick rolls, shrieks, dive bombs, feedback squalls, twin leads, thrash riffs, pig "
        "squeals",
        image="furnaces, burnt forests, extinct gods, plague pits, war machines, ash, iron crowns, volcanoes, "
        "executioners, ruined foundries, blood oaths, mine collapses, the end of days, wolves",
        place="Cinderford Heights, Hammerfell Mills, Brask, Slagheim, Ovenden, Pitmouth, Rauk",
        venue="the Crucible, Forge Hall, Pit Thirteen, the Blast Room, Hangar of Ash",
        label="Anvil Cult, Clinker, Bellows of War, Black Kiln, Red Iron Productions",
        producer="Gorm Stahl, Vika Drost, Tanner Pyke, Brother Cinder, Helga Rask, Ulf Menninger",
        festival="Furnace Fest, the Ovenden Deathmarch, Slag Open Air",
        mood="fury, dread, catharsis, vengeance, menace, triumph",
        title="Ash, Furnace, Anvil, Ember, Wolf, Iron, Crown, Slag, Plague, Oath, Cinder, Throne, Hammer, Pyre, "
        "Scorch, Ruin, Coffin, Blood, Smoke, Crucible, Serpent",
    ),
    _scene(
        "chapel drone",
        "kiln metal, glass techno",
        genre="chapel drone, crypt ambient, organ minimalism, bell music, nave noise, sacred slowcore",
        inst="pipe organ, harmonium, singing bowl, bowed cymbal, hurdy-gurdy, cello, carillon, tanpura, tape loop, "
        "shruti box, viola da gamba, glass harp",
        adj="droning, cavernous, liturgical, glacial, motionless, reverberant, devotional, beatless, candlelit, "
        "austere, resonant, solemn, whispered, monastic, slow-moving, incense-heavy",
        noun="drones, overtones, sustained chords, plainchants, tape hisses, tolling bells, long decays, organ "
        "clusters, breath sounds, microtones, beating tones, silences, choral washes, bowed textures, low hums",
        image="candles, stone vaults, vigils, relics, snow on graves, psalms, bell towers, forgotten saints, dust "
        "in light, winter fasts, cloisters, prayers for the dead, frescoes, dawn",
        place="Saint Aldwin, Mount Cassel, Evensong, Abbotsmere, Vesper Hill, Kloster Auen, Lauds",
        venue="the Crypt, Saint Brannock's, the Deconsecrated Hall, Chapter House, the Ossuary",
        label="Apse, Vigil Tapes, Nine Bells, Matins, Reliquary Editions",
        producer="Sister Amity, Casimir Holt, Benedikt Aue, Thea Lorimer, Anselm Roe, Ragna Myhre",
        festival="the Long Vigil, Saint Aldwin Organ Nights, Stillness",
        mood="stillness, awe, mourning, devotion, solitude, surrender",
        title="Vesper, Candle, Nave, Bell, Psalm, Vigil, Relic, Cloister, Matins, Vault, Saint, Snow, Litany, "
        "Chant, Ossuary, Lent, Veil, Compline, Choir, Stone, Advent",
    ),
    _scene(
        "parlour pop",
        "orchard jazz, harbour folk",
        genre="parlour pop, wallpaper pop, tea-room indie, ribbon disco, bedroom baroque, postcard pop",
        inst="toy piano, glockenspiel, ukulele, string quartet, harpsichord, jangly guitar, tambourine, celesta, "
        "omnichord, recorder, handclap loop, electric piano",
        adj="sugary, dainty, jangling, wistful, bookish, bubbly, ornate, twee, pastel, buoyant, hummable, blushing, "
        "string-laden, sparkling, whimsical, daydreaming",
        noun="hooks, key changes, bridges, handclaps, falsetto choruses, string arrangements, singalongs, duets, "
        "la-la refrains, music-box melodies, harmonised ahs, disco beats, middle eights, earworms, waltz interludes",
        image="wallpaper, postcards, schoolyard crushes, tea cups, library books, rainy Sundays, birthday "
        "parties, diaries, kisses at bus stops, hand-me-down dresses, cats, paper boats, telephone calls, summer "
        "camp",
        place="Millicent, Upper Dovey, Primrose Lane, Ashby Square, Littlebourne, Marzipan Street, Fairlop",
        venue="the Tea Room, Ballroom Mignon, the Doll's House, Library Bar, the Conservatory",
        label="Ribbon, Doily Records, Sweet Tooth, Second Post, Paper Lantern",
        producer="Clementine Ashe, Rupert Vane, Miss Ottoline, Felix Duray, Pia Lindqvist, Hugo Parr",
        festival="the Garden Party, Indie Fête, the Pastel Weekend",
        mood="innocence, nostalgia, giddiness, charm, longing, cheer",
        title="Ribbon, Postcard, Sugar, Teacup, Diary, Daisy, Wallpaper, Kiss, Sunday, Birthday, Balloon, Letter, "
        "Holiday, Crush, Marmalade, Carousel, Bicycle, Lemonade, Pyjamas, Button, Valentine",
    ),
)
