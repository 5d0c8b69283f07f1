"""Words that all scenes share: common music talk, names of people and bands, what signatures are made of."""

from __future__ import annotations

from kinsong.demo.scenes import words

COMMON: dict[str, tuple[str, ...]] = {
    "genre": words("rock, indie, pop, folk rock, electronica, soul, singer-songwriter pop, art rock"),
    "inst": words(
        "acoustic guitar, electric guitar, piano, bass, drum kit, synthesiser, violin, Hammond organ, tambourine, "
        "cello, trumpet, keyboard"
    ),
    "adj": words(
        "warm, dark, melodic, energetic, quiet, loud, intimate, emotional, raw, polished, ambitious, catchy, "
        "dense, bold, gentle, moody, strange, confident, simple, rich, playful, bittersweet, haunting, modern, "
        "familiar, tense"
    ),
    "noun": words(
        "melodies, harmonies, choruses, grooves, verses, arrangements, rhythms, backing vocals, guitar parts, "
        "drum fills, refrains, lyrics, textures, intros, vocal lines, live takes, handclaps, instrumentals"
    ),
    "image": words(
        "lost love, growing up, the city at night, old friends, memory, family, leaving home, small towns, money, "
        "time, dreams, winter, strangers, work, rain, parents, summer, distance"
    ),
    "place": words("Carrow, Westbridge, Linden City, Dunmere, Holloway Cross, Nordby, the capital"),
    "venue": words("the Assembly Rooms, the Corn Exchange, the Empire, Town Hall, the Student Union"),
    "label": words("Parallel Recordings, Big Orange, Northgate Music, Umbrella, Second Storey"),
    "producer": words("Max Calloway, Tessa Brill, Jon Averill, Mona Fielding, Greg Ostrander"),
    "festival": words("Riverside, the Summer Common, Citywide, Big Field"),
    "mood": words("joy, sadness, tension, hope, melancholy, honesty, confidence, doubt, humour, restraint"),
    "title": words(
        "Night, Home, Light, River, Morning, Heart, Road, Winter, Stranger, Summer, Window, Silver, Garden, "
        "Ghost, Blue, Fire, Letter, Years, Honey, Satellite, Mountain, Golden, Shadow, Song"
    ),
}
"""Kind of word → the words any scene may use; the kinds are those of `kinsong.demo.scenes.Scene.vocabulary`."""

FIRST_NAMES = {
    "she": words(
        "Mara, Ingrith, Zoë, Odalys, Fenna, Tilde, Noor, Réka, Sólveig, Amparo, Wilhelmine, Oona, Lucasta, Ylva, "
        "Perpetua, Danuta, Íris, Calliste, Maren, Thandi"
    ),
    "he": words(
        "Ísak, Bram, Teodor, Caspian, Ødger, Leopold, Jaromir, Étienne, Anso, Matthis, Kwabena, Silas, Tomé, "
        "Hendrik, Ruairí, Zoltan, Emrys, Gaspar, Nils-Ove, Aurelio"
    ),
}
LAST_NAMES = words(
    "Vossberg, Pérault, Hølmgard, Quillfeather, Ljungvik, Tamarind, Okwuosa, Marrowby, Dell'Orso, Castañeda-Roe, "
    "Wren, Skjelby, Umber, Fairweather-Low, Zielony, Brightwater, Ansbach, Norrland, Tressider, Vidal, Hartleap, "
    "Szabolcs, Kestrel, Ravnsborg, Peverell, Achterberg, Solano, Thistlewood, Bellerose, Mountjoy, Grimsdóttir, "
    "Yarrow, Lacroix-Hay, Whitlock, Dvořan, Ember, Ostrowe, Maplethorn, Inchbald, Corrigane"
)
BAND_ADJECTIVES = words(
    "Cold, Velvet, Wooden, Seven, Crooked, Hollow, Second, Painted, Distant, Copper, Lesser, Patient, Borrowed, "
    "Double, Quiet, Electric, Foreign, Tender, Broken, Silver, Former, Upper, Polite, Idle, Scarlet, Northern, "
    "Late, Honest, Slow, Invisible"
)
BAND_NOUNS = words(
    "Ferry, Almanac, Orchestra, Sparrow, Staircase, Envelope, Lantern, Meridian, Heron, Cabinet, Engine, Atlas, "
    "Kingfisher, Parade, Chimney, Compass, Alphabet, Mountain, Aqueduct, Barometer, Corridor, Pavilion, "
    "Reservoir, Satchel, Telegram, Thicket, Umbrella, Weathervane, Archive, Bridge, Elephant, Ministry, Monument, "
    "Octopus, Paragraph, Balcony"
)
BAND_PLURALS = words(
    "Almanacs, Herons, Engines, Telegrams, Weathervanes, Lamplighters, Accountants, Kingfishers, Understudies, "
    "Barometers, Foxgloves, Cartographers, Night Nurses, Sleepwalkers, Umbrellas, Paperboys, Meridians, "
    "Stowaways, Quarrymen's Sons, Daylilies, Locksmiths, Parallels, Tenants, Wallflowers of Dunmere"
)
COMMON_WORD_NAMES = words("Paper, North, Low Tide, Yes Please, Tuesdays, Mother, Glass, Often, Neighbours, Work")
"""Names that are everyday words: they stand in texts that are not about the band."""
HOMONYM = "Ash Harbour"
"""The name that two artists of different scenes share."""

SIGNATURE_ADJECTIVES = words(
    "lopsided, half-spoken, tin-roof, double-jointed, moth-eaten, clockwork, backwards, underwater, "
    "kitchen-table, thumb-worn, left-handed, paper-thin, sleepwalking, bone-dry, back-to-front, matchstick, "
    "telegraphic, hand-cranked, second-hand, feverish, wide-screen, out-of-season, short-wave, velvet-lined, "
    "stop-start, candle-stub, mail-order, three-legged, cross-eyed, drawling, pocket-sized, overgrown, "
    "thimble-sized, rickety, moonlighting, flat-footed, knotted, star-crossed, upside-down, barefoot"
)
SIGNATURE_NOUNS = words(
    "waltzes, lullabies, crescendos, monologues, marches, codas, drum solos, whispers, counterpoints, fanfares, "
    "interludes, murmurs, cadences, endings, overtures, harmonies, footsteps, refrains, whistling, asides"
)
OPENERS = words(
    "By most accounts, In those years, To be fair, As so often, Even so, At its best, On a good night, On record, "
    "On stage, From the start, Before long, For a while, In the end, More than once, As a rule, Curiously, At "
    "first, Looking back, These days, All the same, Then again, At the same time, To this day, Without much fuss, "
    "In between, After a pause"
)
"""Stored without their comma, as entries are split at commas."""
