"""Sentences about music, made from word lists and patterns of our own, that are added to the treebank.

The treebank is reviews, mail, blogs, newsgroups and questions: it has few words for how music sounds, so a pipeline
trained on it alone takes "catchy", "loud" or "bluesy" for nouns and adverbs. A tagger learns such words in plain
surroundings; the patterns keep to those that leave no doubt about the tags.
"""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np

from nlp.training.corpus import Sentence, Word

_ADJECTIVES = """
abrasive abstract acerbic acoustic aggressive airy ambient ambitious analogue angelic angry anguished angular anthemic
apocalyptic arty atmospheric atonal austere baroque beautiful bewitching bitter bittersweet bleak blissful bluesy
blunt bold bombastic bouncy brash brassy breathless breathy breezy bright brisk bristling brittle brooding brutal
bubbly buoyant burly busy buzzy cacophonous catchy cathartic cavernous celestial charming cheap cheerful cheery chilly
chirpy choppy choral chromatic chunky cinematic classic clean clever clunky coarse cold colossal confessional
contagious cool cosmic cosy cozy crackly crafty craggy cranky crazy creamy creepy crisp crunchy crusty cryptic
danceable dapper dark dazzling deadpan deep defiant delicate delicious delirious demure dense desolate detached
diatonic digital dirgey dirty discordant dismal dissonant distant doomy dour downbeat dramatic dreamy dreary droll
droney drowsy dry dubby dull dusky dusty dynamic earnest earthy eccentric eclectic ecstatic edgy eerie effervescent
effortless elaborate elastic electric electronic elegant elegiac elusive emotive enchanting energetic enigmatic epic
erotic esoteric ethereal euphoric evocative exotic experimental explosive expressive exquisite exuberant faint
familiar feral feverish fierce fiery flabby flashy flat flimsy floaty flowery fluffy fluid foggy folky forlorn fragile
frail frantic fraught freaky frenetic frenzied fresh frosty fruity funereal funky funny furious fuzzy garish gauzy
gentle ghostly giddy glacial glamorous gleeful glib glitchy glittery gloomy glorious glossy glum gnarly gorgeous
gothic graceful grainy grand grandiose grave greasy grim grimy gritty groovy grotesque gruff grungy guttural
hallucinatory handsome happy hard harmonic harmonious harsh haunting hazy heady heartfelt hearty heavenly heavy
hellish hesitant hip hissy hoarse hollow homespun honest honeyed hostile hot huge humble humid hummable hushed husky
hymnal hyperactive hypnotic icy idyllic immediate immense immersive impish impressionistic improvisational
incandescent inert infectious ingenious inspired instrumental intense intimate introspective introverted inventive
ironic jagged jangly janky jaunty jazzy jerky jittery jolly joyful joyous jubilant juicy jumpy kaleidoscopic keen
kinetic kitschy kooky laconic languid lavish lazy leaden leafy lean leisurely lengthy lethargic limber limp lingering
liquid listless literate lithe lively lofty lonely lonesome loopy loose loud lovelorn lovely lovesick lowdown lucid
lugubrious lukewarm lulling lumbering luminous lurid luscious lush lusty lyrical macabre mad maddening magical
majestic malevolent manic martial massive masterful maudlin mawkish meandering meaty meditative mellifluous mellow
melodic melodious melodramatic menacing merciless mesmerizing metallic meticulous metronomic mighty minimal minimalist
mischievous misty modal modest moody moonlit moribund morose motorik mournful muddy muffled murky muscular mushy
musical muted mysterious mystical mythical naive narcotic nasal nasty nautical nerdy nervous nervy nimble nocturnal
noisy nonchalant nostalgic numb obscure oceanic odd offbeat ominous opaque operatic opulent orchestral organic ornate
otherworldly outlandish overblown overwrought painful pale panoramic paranoid passionate pastel pastoral patchy
peaceful pensive peppy percussive perky phased piercing pitiless placid plaintive plangent playful pleasant plodding
plush poetic poignant pointed polished polyphonic polyrhythmic pompous portentous potent precious precise primal
primitive pristine progressive propulsive psychedelic puckish pulpy punchy pungent punishing punky pure quaint quick
quiet quirky radiant ragged rambling ramshackle rapid rapturous rare raspy raucous raunchy raw rebellious reckless
reedy reflective refreshing regal relaxed relentless reserved resigned resolute resonant restless restrained retro
reverent rhapsodic rhythmic rich ridiculous righteous robotic robust rocky romantic rootsy rough rowdy rugged rustic
rusty ruthless sacred sad sappy sarcastic sardonic sassy satirical saucy savage scary scathing schmaltzy scorching
scrappy scratchy screechy scruffy searing seductive sensitive sensual sentimental serene serious shadowy shaggy shaky
shambolic sharp shimmery shiny shivery shoddy shouty shrill shy sickly silky silly silvery simple sincere sinewy
sinister sinuous skeletal sketchy skittish slack sleazy sleek sleepy slick slinky slippery sloppy slow sludgy slurred
sly smart smoky smooth smug smutty snappy snarky snarly sneering snotty sober soft solemn somber sombre sonic soothing
sophisticated sordid soulful soupy sour spacey spacious sparkly sparse spartan spectral speedy spellbinding spidery
spiky spindly spiritual splashy splendid spontaneous spooky sprawling sprightly springy squeaky squelchy staccato
stark stately steady steamy steely sterile stern sticky stiff still stilted stirring stodgy stoic stony stormy stout
straightforward strange strident strong stubborn stunning stuttering stylish suave subdued sublime subtle subversive
sugary sultry sumptuous sunny supple surreal swampy swanky sweaty sweeping sweet swift swirly swooning sympathetic
symphonic syncopated synthetic syrupy taut tawdry tearful technical tedious tender tense tepid terse theatrical thick
thin thorny thoughtful thrilling throaty throwaway thunderous tight timeless timid tinny tired titanic tonal torrid
touching tough towering tragic tranquil transcendent translucent trashy tremulous tribal tricky trippy triumphant
tropical tuneful turbulent twangy twee twinkly twisted twitchy ugly unadorned unassuming uncanny uneasy unflinching
unhinged unhurried upbeat uplifting uptempo urbane urgent vague vaporous vast venomous verbose versatile vibrant
vicious vintage violent virtuosic visceral viscous vital vivacious vivid volatile volcanic voluptuous vulgar
vulnerable wacky warm warped wary watery weary weightless weighty weird whimsical whiny whispery wholesome wicked wild
wintry wiry wise wispy wistful witty wobbly woeful wondrous wonky woody woolly woozy wordless wordy worldly wounded
wretched wry yearning youthful zany zesty
"""
_PEOPLES = """
african american argentine australian bavarian brazilian british bulgarian canadian catalan celtic chilean chinese
colombian congolese cuban czech danish dutch estonian ethiopian finnish flemish french german ghanaian greek hungarian
icelandic indian indonesian iranian irish israeli italian jamaican japanese korean latin lebanese malian mexican
moroccan nigerian norwegian peruvian polish portuguese romanian russian scandinavian scottish senegalese serbian
spanish swedish swiss tuareg turkish ukrainian welsh
"""
_NOUNS = """
accordion act album anthem anthology aria arpeggio arrangement artist artistry audience backbeat ballad band banjo
bass bassline bassoon beat beauty bell bridge cabaret cacophony cadence cello chamber chant choir chord chorus
clarinet climax clip collection comeback comedy compilation composer composition concert concerto conga cover craft
crescendo croon crooner cymbal dance debut delivery demo dirge disc discography documentary drama drone drum drummer
drumming dub duet duo ecstasy effect electronics elegy encore energy ensemble epic era fanfare fantasy feedback
festival fiddle flourish flow flute folk frontman fugue funk fury fusion fuzz galaxy glitch groove group growl guitar
guitarist guitarwork harmonica harmony harp harpsichord heritage history hit hook horn howl hymn identity
improvisation industry instrument instrumentation interlude intro keyboard label lament landscape legacy lick listener
loop lullaby lyric lyricism mandolin marimba melancholy melody memory mezzo mixtape mood motif movement murmur music
musician musicianship nocturne noise number oboe octave odyssey opera oratorio orchestra organ outro overture pace
palette parody party passage percussion performance performer phrasing pianist piano pickup piece playing plea poem
poetry polyphony prelude prodigy production psychedelia quartet quintet rap rapper recital record recording refrain
register release remix repertoire reverb reverie revival rhapsody rhyme rhythm riff riffage rocker romance sampler
saxophone scale score scream screech sequence serenade session shanty shimmer shuffle signature singer singing single
sitar sludge solo soloist sonata song songbook songcraft songwriter songwriting soprano soul sound soundscape
soundtrack space spectacle spirit stomper strain string strum strumming style suite swagger symphony synth synthesizer
tabla tale tambourine tape technique temper tempo tenor texture theme timbre tone tour track tradition trance trilogy
trio trombone troubadour trumpet tune turntable twang ukulele undertone variety verse vibe vibraphone vibrato video
vinyl viola violin violinist virtuosity virtuoso vision vocal vocalist voice volume wail waltz whisper xylophone yodel
"""
_GENRES = """
afrobeat americana bebop bluegrass blues boogie calypso chillwave country crunk cumbia dancehall disco doom dub
dubstep electro electronica emo fado flamenco folk funk fusion garage gospel grime grindcore grunge hardcore highlife
house indie jazz jungle klezmer krautrock lounge mariachi mathcore metal motown muzak noise opera polka pop postpunk
powerpop psychedelia punk ragtime rap reggae reggaeton rock rockabilly rocksteady salsa samba shoegaze ska skiffle
soca soul swing synthpop tango techno thrash trance trap vaporwave zydeco
"""
_ADVERBS = """
achingly almost always beautifully consistently deceptively deeply deliberately endlessly equally extremely fairly
gently genuinely gloriously hauntingly impossibly incredibly insanely intensely mostly never oddly often quietly
rather really relentlessly remarkably seriously slightly so sometimes strangely surprisingly too truly unashamedly
utterly very wildly wonderfully
"""
_NAMES = """
Adele Alina Anders Bela Berlin Bianca Boston Brazil Bristol Carla Carter Chen Chicago Clara Dakar Dalia Dublin Elena
Ferrara Finn Glasgow Greta Havana Hugo Ines Ivan Jamal Jonas Kaya Kofi Lagos Leeds Lena Lisbon London Lopez Lucia
Madrid Malik Manchester Marta Mbeki Memphis Mia Milan Miles Moreno Nadia Naples Nashville Nina Nora Oslo Otis Paris
Petra Porter Quincy Ravi Rosa Ruben Seattle Simone Sofia Stockholm Tariq Tokyo Tomas Vera Vienna Viktor Wanda Yara
York Zola
"""
_PRESENT = """
brings builds closes combines delivers dominates features fills joins leaves needs opens plays produces recalls
reveals sings suits surrounds wants
"""
CLASSES = {
    "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "JJ": "ADJ", "RB": "ADV", "VBZ": "VERB", "VBP": "VERB", "DT": "DET",
    "PRP$": "PRON", "PRP": "PRON", "IN": "ADP", "CC": "CCONJ", "POS": "PART", ".": "PUNCT", ",": "PUNCT",
}  # fmt: skip
"""The word class of each tag, where a pattern names no other."""

# A capital stands for a word of a list, all else for itself; then the tag and, where it does not settle it, the class.
PATTERNS = [
    pattern.split()
    for pattern in (
        "D/DT A/JJ N/NN V/VBZ D/DT A/JJ G/NN N/NN ./.",
        "O/PRP$ A/JJ , A/JJ S/NNS fill/VBP D/DT N/NN ./.",
        "O/PRP$ S/NNS are/VBP/AUX A/JJ , A/JJ and/CC A/JJ ./.",
        "the/DT N/NN is/VBZ/AUX R/RB A/JJ and/CC A/JJ ./.",
        "it/PRP 's/VBZ/AUX a/DT A/JJ , A/JJ G/NN N/NN with/IN A/JJ S/NNS ./.",
        "P/NNP 's/POS A/JJ , A/JJ S/NNS and/CC O/PRP$ A/JJ N/NN ./.",
        "P/NNP 's/POS A/JJ S/NNS suit/VBP the/DT N/NN ./.",
        "P/NNP sings/VBZ in/IN a/DT A/JJ N/NN over/IN A/JJ S/NNS and/CC A/JJ N/NN S/NNS ./.",
        "a/DT A/JJ mix/NN of/IN A/JJ G/NN , G/NN and/CC A/JJ G/NN ./.",
        "A/JJ G/NN and/CC A/JJ G/NN from/IN P/NNP",
        "the/DT N/NN sounds/VBZ A/JJ , but/CC never/RB A/JJ ./.",
        "they/PRP play/VBP A/JJ G/NN with/IN D/DT A/JJ N/NN ./.",
        "they/PRP play/VBP A/JJ S/NNS and/CC R/RB A/JJ G/NN S/NNS ./.",
        "what/WDT/DET a/DT A/JJ N/NN !/.",
        "P/NNP P/NNP is/VBZ/AUX a/DT A/JJ G/NN N/NN from/IN P/NNP ./.",
        "R/RB A/JJ S/NNS and/CC R/RB A/JJ S/NNS ,/, O/PRP$ N/NN V/VBZ O/PRP$ G/NN ./.",
        "O/PRP$ N/NN of/IN D/DT A/JJ N/NN and/CC the/DT N/NN of/IN G/NN ./.",
        "the/DT A/JJ and/CC A/JJ N/NN V/VBZ O/PRP$ N/NN ./.",
        "the/DT N/NN S/NNS are/VBP/AUX A/JJ ;/, the/DT G/NN S/NNS are/VBP/AUX R/RB A/JJ ./.",
        "from/IN A/JJ G/NN to/IN A/JJ G/NN , P/NNP V/VBZ the/DT N/NN ./.",
        "G/NN , G/NN , A/JJ N/NN",
        "A/JJ , A/JJ ,/, A/JJ G/NN",
    )
]


def sentences(count: int, seed: int) -> list[Sentence]:
    """``count`` sentences with their tags and word classes, the same for the same seed; their trees are not given."""
    rng = np.random.default_rng(seed)
    return [_sentence(PATTERNS[rng.integers(len(PATTERNS))], rng, number) for number in range(count)]


def _sentence(pattern: list[str], rng: np.random.Generator, number: int) -> Sentence:
    words: list[Word] = []
    for item in pattern:
        slot, tag, *rest = item.split("/") if "/" in item else (item, ",")
        text = str(rng.choice(_LISTS[slot])) if slot in _LISTS else slot
        words.append(Word(text, rest[0] if rest else CLASSES[tag], tag, -1, "dep", True))
    for index, (word, following) in enumerate(pairwise(words)):
        if word.text == "a" and following.text[0] in "aeiouAEIOU":
            word = replace(word, text="an")
        words[index] = replace(word, space_after=following.text not in _CLOSE)
    if rng.random() < _CAPITALISED:
        words[0] = replace(words[0], text=words[0].text[0].upper() + words[0].text[1:])
    return Sentence(tuple(words), number % _TEXT == 0, False)


def _plural(noun: str) -> str:
    if re.search("[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search("(s|x|z|ch|sh)$", noun) else "s")


_LISTS = {
    "A": _ADJECTIVES.split() + [people.capitalize() for people in _PEOPLES.split()],
    "N": _NOUNS.split(),
    "S": [_plural(noun) for noun in _NOUNS.split()],
    "G": _GENRES.split(),
    "R": _ADVERBS.split(),
    "P": _NAMES.split(),
    "V": _PRESENT.split(),
    "D": ["the", "a", "this", "every"],
    "O": ["its", "their", "his", "her", "my", "our"],
}
_CLOSE = frozenset([",", ".", "!", ";", "'s"])
_CAPITALISED = 0.8
_TEXT = 4
