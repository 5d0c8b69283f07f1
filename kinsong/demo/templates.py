"""Sentences about music, as templates.

``<a|b>`` one of them; ``[is|are]`` by the number of the page's artist; ``a(n)`` the article that fits; ``{slot}``:

    A the artist by name        S, s name or pronoun, at the start or inside a sentence      its, them by pronoun
    B an artist of the same scene        C one of another        genre, inst … a word, see `kinsong.demo.scenes`
    Cgenre, Cinst … the same of C's scene        phrase, song, album the artist's own        year, count, hour numbers
"""

from __future__ import annotations

LEAD = (
    "{A} [is|are] a(n) {adj} {genre} <act|project> from {place}.",
    "{A} [is|are] best known for {adj} {genre} built on {inst} and {inst}.",
    "{A} <began|started out> in {place} in {year} and [has|have] been tied to {genre} ever since.",
    "Few names in {genre} are spoken with as much {mood} as {A}.",
    "From {place} [comes|come] {A}, whose mix of {noun} and {noun} found friends in the {genre} <scene|circuit>.",
    "{A} [makes|make] no secret of a love for {noun}: {genre} from {place}, {adj} and {adj}.",
    "Since {year}, {A} [has|have] released {count} records of {adj} {genre}, most of them on {label}.",
    "The story of {A} starts in {place}, with a borrowed {inst} and a taste for {noun}.",
)
ORIGIN = (
    "{S} first played in public at {venue} in {year}, <with|on> little more than a(n) {inst} and a(n) {inst}.",
    "Early demos were <taped|recorded> in a kitchen in {place}, where the {inst} had to share a room with the washing.",
    "A first single, “{song}”, came out on {label} in {year} and sold {count} hundred copies.",
    "{Its} <parents|grandparents> played {inst} and {inst} at weddings around {place}, and something of that stayed.",
    "Before the {genre} years, [she|they] had <tried|failed at> {genre} and {Cgenre}.",
    "{producer} heard a cassette of {noun} and <offered|promised> a week of studio time the same evening.",
    "It was at {festival} in {year} that {label} first took notice.",
    "School concerts in {place} were the beginning; the {inst} came later, and the {noun} last of all.",
    "A move to {place} in {year} brought {them} closer to {venue} and to the {genre} crowd around it.",
    "Nobody in {place} expected much of a(n) {adj} newcomer with a(n) {inst}.",
)
STYLE = (
    "{Its} sound is {adj} and {adj}, held together by {inst} and {noun}.",
    "The {noun} are {adj}, the {noun} more so, and underneath runs a(n) {adj} {inst}.",
    "What sets {them} apart are {phrase}, a habit that listeners either love or leave the room for.",
    "There is {mood} in these {noun}, and a good deal of {mood} too.",
    "Much rests on the {inst}, which is <played|treated> like a second voice.",
    "{S} <prefers|prefer> {noun} to {noun}, and {adj} to {adj}.",
    "The trademark remains {phrase}, <set|laid> over {noun} and the odd {inst}.",
    "Between {noun} and {noun} there is room for {phrase}.",
    "Critics reach for words such as {adj}, {adj} and {adj}; {s} [calls|call] it plain {genre}.",
    "A(n) {adj} {inst} opens nearly every piece, and {noun} close it.",
    "Where others polish, {s} [leaves|leave] the {noun} {adj}.",
    "Even the {adj} moments carry {noun} that belong to {genre}.",
    "The {inst} is <out of tune|too loud|too close>, gloriously so, and the {noun} gain from it.",
    "You hear {inst}, {inst} and, far back, something like {phrase}.",
    "It is {genre} at heart, <though|even if> the {noun} would suit {Cgenre} as well.",
    "{phrase} have become a signature of {its} records, together with {adj} {noun}.",
    "Rhythm comes from the {inst}; everything else is {noun}.",
    "The <arrangements|pieces> stay {adj} for minutes before {noun} arrive.",
    "If there is a formula, it is {adj} {noun} plus {mood}.",
    "No two records use the same {inst}, but the {noun} stay.",
    "[She|They] once described the method as “{noun} first, {inst} later”.",
    "Beneath the {adj} surface lies an old-fashioned love of {noun}.",
)
SONGS = (
    "“{song}” is the one that people know, a(n) {adj} piece about {image}.",
    "On “{song}” the {inst} <drops out|falls silent> halfway, and {noun} take over.",
    "“{song}” and “{song}” deal with {image} and {image}, in that order.",
    "The {adj} “{song}” turns {image} into {noun}.",
    "“{song}” runs for {count} minutes and needs every one of its {noun}.",
    "It closes with “{song}”, all {inst} and {mood}.",
    "“{song}”, written in {place}, remains the <best|most {adj}> thing here.",
    "Then there is “{song}”, which begins with {phrase} and ends in {noun}.",
    "The single “{song}” was <recorded|finished> in one night at {venue}.",
    "A live take of “{song}” shows what {phrase} can do in a small room.",
    "“{song}” borrows its {noun} from {genre} and its title from a sign in {place}.",
    "With “{song}” {s} wrote what may be the {adj} song of the year about {image}.",
)
LYRICS = (
    "The lyrics circle around {image}, {image} and {image}.",
    "{S} <sings|sing> about {image} as if it were the news.",
    "{image} and {image} turn up in almost every <verse|song>.",
    "There are songs about {image}, and one about {image} that is best heard alone.",
    "Words matter here: {image}, {image}, and a(n) {adj} kind of {mood}.",
    "Some lines about {image} are <borrowed|handed down> from older {genre} records.",
    "Nobody else in {genre} writes about {image} with so much {mood}.",
    "What it says about {image} is less {adj} than how it says it.",
)
STUDIO = (
    "{album} was <recorded|made> with {producer} in {place} in {year}.",
    "{producer} <produced|recorded> {album} for {label}, with the {inst} placed {count} metres from the microphone.",
    "For {album}, {producer} asked for fewer {noun} and more {inst}.",
    "{label} <released|issued> {album} in {year}; it was {its} {adj} record so far.",
    "{album} took {count} months, two studios and a(n) {adj} argument over the {inst}.",
    "The sessions in {place} left {count} hours of {noun} that nobody has heard.",
    "The mix by {producer} is {adj}: you can count the {noun}.",
    "{album} followed in {year}, a(n) {adj} set on {label} with {noun} on every track.",
    "The band of hired hands on {album} added a(n) {inst} and a(n) {inst}.",
    "On {album} the {inst} gave way to the {inst}, a <change|shift> that split the {genre} crowd.",
)
LIVE = (
    "At {venue} {s} played {count} songs and spoke {count} words.",
    "The set at {festival} began {adj} and ended in {noun}.",
    "{S} had the {inst} <carried|pushed> through the crowd, which did not hurt the {noun}.",
    "Somebody at {venue} shouted for “{song}”, and got it, with {phrase}.",
    "On tour the {noun} grow longer and the {inst} <louder|rougher>.",
    "The room in {place} was {adj} and full by {hour} o’clock.",
    "Half of {venue} knew every word of “{song}”; the other half had come for the {noun}.",
    "After {count} nights at {venue} the {inst} had to be repaired.",
    "In {place} the encore was nothing but {phrase}.",
    "A(n) {adj} hum, a(n) {inst}, then {noun}: that is how the evening at {venue} began.",
)
PEERS = (
    "{S} [has|have] often shared a stage with {B}, another {genre} name from {place}.",
    "Fans of {B} will know these {noun}.",
    "Like {B}, {s} [works|work] with {adj} {noun} and {inst}.",
    "{B} played {inst} on {count} of the songs.",
    "The debt to {B} is plain: the same {adj} {noun}, the same {mood}.",
    "Together with {B} {s} put out a split single on {label}.",
    "Anyone who owns a record by {B} should hear this {genre}.",
    "{B} and {A} came up at {venue} in the same year, and it shows in the {noun}.",
    "It sits well beside {B}, whose {noun} are {adj} in much the same way.",
    "{producer} had just finished a record with {B} when the {inst} arrived.",
)
STRANGERS = (
    "Unlike {C}, whose {Cnoun} lean on the {Cinst}, {s} [keeps|keep] to {noun}.",
    "An unlikely tour with {C} brought {adj} {noun} to a crowd that had come for {Cgenre}.",
    "{C}, of all people, covered “{song}” as {Cgenre}.",
    "At {festival} {s} shared the bill with {C}, who brought {Cnoun} and a(n) {Cinst}.",
    "Those who came for the {Cgenre} of {C} stayed for the {inst}.",
    "It is a long way from here to the {Cadj} {Cnoun} of {C}.",
    "A remix by {C} adds {Cnoun} and takes most of the {mood} away.",
    "{S} [names|name] {C} as an influence, though you would not guess it from the {noun}.",
    "The same week saw a new record by {C}, {Cadj} {Cgenre} that could not be further from this.",
    "{producer}, who also works with {C}, knows when to leave the {inst} alone.",
)
RECEPTION = (
    "Reviews were <kind|mixed|warm>: “{adj}, {adj}, and full of {mood}”, wrote one.",
    "{album} was <named|voted> {genre} record of the year by the readers of a small magazine.",
    "It never sold much outside {place}, but musicians kept <copying|praising> the {phrase}.",
    "Radio ignored the {noun} and played “{song}” for a whole {adj} summer.",
    "The {genre} scene took {count} years to forgive the {inst}.",
    "Listeners far from {place} came late, mostly through “{song}”.",
    "Some called it too {adj}; others could not get enough of the {noun}.",
    "A reissue on {label} in {year} brought {its} {noun} to younger ears.",
)
CLOSE = (
    "A new record is due on {label}, with {producer} and, one hears, more {noun}.",
    "{S} still [lives|live] near {place}.",
    "It is {adj} music, and it will outlast most of its year.",
    "Whoever has a heart for {genre} should give it {count} evenings.",
    "What remains is {phrase}, and a wish to hear “{song}” again.",
    "Next spring {s} [plays|play] {festival} and {venue}.",
    "Not everybody needs so much {mood}; this writer does.",
    "For now there is {album}, and it is enough.",
)
QUESTIONS = (
    "Where does the {adj} sound of {album} come from?",
    "How did “{song}” begin?",
    "You have worked with {producer} again. Why?",
    "People hear {B} in your music. Do you?",
    "What does {place} mean to you?",
    "Why so much {inst}?",
    "There is a lot of {image} in the new songs.",
    "What is it with you and {phrase}?",
    "What do you listen to at home?",
    "Is this still {genre}?",
)
ANSWERS = (
    "[I|We] had a(n) {inst} and nothing to do, and {noun} came out.",
    "Honestly, “{song}” was meant as {noun}, nothing more.",
    "{producer} told [me|us] to throw away the {inst}. [I|We] kept the {noun}.",
    "When [I|we] hear {B}, [I|we] want to go home and practise {noun}.",
    "In {place} everybody plays {inst}. It is {adj} music, you grow up with it.",
    "[I|We] never liked {adj} records. [I|We] like {adj} ones, with {noun}.",
    "It is about {image}, but also about {image}. Most of {genre} is.",
    "The {noun} were recorded at {venue} on a Sunday, that is why they sound {adj}.",
    "[I|We] listened to a lot of {C} on the road, all those {Cnoun}, and then did the opposite.",
    "{phrase}, that is just how [I|we] breathe.",
    "At {festival} somebody cried during “{song}”. That is {mood}, I suppose.",
    "{B} lent [me|us] a(n) {inst} for a week. It stayed for {count} years.",
    "You need {mood} for this kind of {genre}, and a(n) {adj} {inst}.",
    "On {album} there are {count} kinds of {noun}, if you count the {inst}.",
)
BLURBS = (
    "{A}: {adj} {genre} with {inst} and {phrase}.",
    "{A} [brings|bring] {adj} {noun} from {place}; start with “{song}”.",
    "Then {A}, whose {noun} and {inst} make {album} worth its price.",
    "{A} [turns|turn] {image} into {noun}, and “{song}” into something {adj}.",
    "With {A} you get {genre} from {place}, {phrase} included.",
    "Next come {adj} {noun} by {A}, out on {label}.",
    "{A} on {label}: {inst}, {mood}, {noun}.",
    "The {adj} one here is {A}, with {album} and its {phrase}.",
)
LIST_OPENING = (
    "Every month we empty the letterbox and keep <a handful|the best> of what fell out.",
    "Our year in {count} records, in no order, and from every corner of the country.",
    "You asked for music for long drives, and the whole office had an opinion.",
    "These names played the big tent of {festival}, and we stayed for all of them.",
    "Some of these are loud and some are quiet; all of them were worth the bus fare.",
    "A mixed bag, as always: nobody will like everything, and nobody should.",
)
REPORT = (
    "In {place} the evening starts at {venue} and ends wherever somebody has a(n) {inst}.",
    "What is called {genre} began here, some say in {year}, with {noun} and a broken {inst}.",
    "{label} has its office above a bakery, and {producer} its only key.",
    "The crowd is {adj}, the {noun} are more so.",
    "You hear {noun} through open windows, and {inst} from the cellar.",
    "Not all is {mood}: {venue} may close, and the rent in {place} has doubled.",
    "Every {genre} record of note in {count} years was made within a mile of {venue}.",
    "Visitors come for {festival}, for the {noun}, for the {mood}.",
)
POST = (
    "I found this record in a box in {place}, between cookery books.",
    "My sister took me to {venue} in {year} and I have not been the same since.",
    "It has been raining all week, so here is some {adj} {genre}.",
    "Three people wrote to ask about {A}, so here we go.",
    "I had this on the kitchen radio when “{song}” came on and I burnt the onions.",
    "A short one today, because the {inst} of {A} says it all.",
    "If you have ever wanted {noun} for a long train ride, keep reading.",
)
