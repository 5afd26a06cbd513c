"""Words that praise and words that blame; a star stands for any ending."""

from __future__ import annotations

from functools import lru_cache

STRONG_PRAISE = """
amaz* adore* adored* astonish* awesome beautiful* best breathtak* brillian* captivat* dazzl* delight* enchant*
excellen* exceptional* exhilarat* exquisit* extraordinar* fabulous* fantastic* favourite favorite flawless*
glorious* gorgeous* gripping heavenly impeccab* incredib* invaluab* irresist* love loved loves loving
magnificen* marvel* marvellous* masterful* masterpiece* masterwork mesmeri* outstanding* perfect* phenomenal*
remarkab* riveting sensational* spectacular* splendid* stellar stunning* sublime* superb* superior terrific*
thrill* touching* treasure* triumph* unforgettab* wonder* wow
"""
PRAISE = """
absorbing accessible accomplish* accurate achieve* addictive admir* adventurous affection* affordable agile
alive ambitious amiab* ample amus* appeal* applau* appreciat* artful* artistry assured attentive attractive
authentic* bargain benefit* bless* bliss* bold* bravery brave bravo breez* bright* buoyant calm* candid
captur* careful* charisma* charm* cheer* chic clarity class classic classy clean clear clearly clever*
coherent colourful colorful comfort* comfy commend* compassion* compell* confident* congratulat* convenient*
convincing* cool cosy courteous crafted craftsmanship creative* crisp cute daring decent dedicated deft*
delicate* delicious* deligh* dependab* durab* dynamic* eager* earnest* ease easily easy effective* efficien*
effortless* elegan* eloquen* emotional* endear* energetic energy engag* engross* enjoy* enlighten* entertain*
enthrall* enthusias* epic essential evocative excit* expert* expressive exuberan* fair fascinat* fast fearless
fine finest flavourful flavorful fluid fond* fresh* friendly fun funnier funniest funny generous* genial gem
genuine* gentle glad glossy glow* good graceful* gracious grateful great* grin handsome happi* happy hearty
heartfelt heartwarm* helpful* hero* hilarious* honest* honour* hooked hope humane humanity humour* humor*
ideal imaginat* immers* important impress* improve* ingenious* innovat* insight* inspir* integrity intelligen*
intense intimat* intrigu* inventive* inviting jewel joy* keen kind kindly laugh* laughed lively luminous lush
luxur* lyrical magic* masterly mature meaningful memorable moving neat nice* nicer nimble nourish* nuanced
original* passion* patient* peaceful perceptive pleas* pleasant* pleasure poetic poignan* polished polite
powerful praise* precise* pretty prettily profound* promis* prompt* provocative quick* radiant rare* refined
refresh* relax* reliab* resonan* respectful responsive reward* rich* robust romantic* satisf* savor* savour*
scenic seamless* sensitiv* sexy sharp* sincer* skill* sleek smart* smile* smiling smooth* soft solid* soothing
sophisticat* soul* sparkl* speedy spotless* stirring strong* sturdy stylish* subtle* succeed* success*
sumptuous support* surpris* suspense* sweet* sympath* talent* tast* tasty tender* thank* thorough* thought*
timeless top treat tremendous* trust* truth* unique* upgrade uplift* useful valuab* vibran* vital* vivid*
warm* welcom* well wholesome winner winning wins wise wit witty won worthwhile worthy yummy
"""
STRONG_BLAME = """
abysmal* appall* atroci* awful* disast* disgust* dreadful* excruciat* garbage hate* hated horrend* horrib*
horrid insuffer* intolerab* loath* miserab* nightmar* pathetic* rubbish ruin* scam shameful* stupid* terrib*
trash* unbearab* unusab* unwatch* useless* vile worst worthless wretched
"""
BLAME = """
absurd* aimless* amateur* annoy* anger* angry arrogan* artificial* asham* avoid* awkward* bad badly banal
bankrupt bitter bland* blame* bleak* blunder* blunt blurr* bogus bore* bored bores boring* boredom bother*
break* broke broken bug bugs buggy burnt careless* cheap* cheat* cheesy chaot* choppy chore clich* clumsy*
clunk* clutter* coarse* cold collaps* complain* complaint* confus* contriv* convolut* corny crack* cramped
crap* crash* crass creak* crude cruel curse* cynical* damag* damp dated dead deaf deceiv* defect* depress*
derivat* desperate* dingy dirty disappoint* disgrac* dislike* dismal* disorgan* dispos* distract* disturb*
doubt* drag* drain* dreary dread* dull* dumb dusty emptiness empty endless* error* evil exasperat* excess*
exhaust* expensive fail* fake false fault* fear* fee fees filthy flat flaw* flimsy flop* fool* forced forget*
forgot* forgettab* formulaic frantic freez* frustrat* generic* gloomy glitch* greasy grim gross* grump* grumpy
half-baked hamper* harm* harsh* hasty heavy-handed hideous* hollow hopeless* hostil* hurt* idiot* ignor* ill
implausib* inaccur* inadequ* inane incoheren* incomplete* inconsist* inept* inferior insipid insult*
irrelevan* irritat* jarr* jerk* joyless junk* lack* lacking lackluster lacklustre lag lagg* lame late lazy
laz* leak* lifeless limp* listless loud lousy ludicrous* lukewarm lumpy manipulat* meander* mean mediocr*
melodramatic mess* messy mindless* misfire* misguided mislead* miss missed mistak* mock* monoton* moron*
mould* muddl* muddy mumbl* murky nasty naus* neglect* nois* nonsens* nonsensical nothing numb obnoxious*
obvious* offens* outdated overblown overcook* overlong overprice* overwrought pain* painful* pale panic patchy
plod* plodding pointless* poor* preachy predictab* pretenti* problem* pseudo puerile refus* regret* repetit*
rip-off rude rushed sad* salty sappy scary scratch* seedy selfish self-indulgent shabby shallow shame shoddy
sick silly skip slapdash sloppy slow* sluggish slugg* smell* smelly smug sore sour stale static sterile stiff
stink* strain* struggl* stuck stutter* suck* suffer* superficial* tacky tasteless tedi* tedious* tense tepid
thin tire* tired tiresome tough trite trivial trouble* turgid ugly unappeal* uncomfort* unconvinc* undercook*
uneven unfair unfortunate* unfunny unhappy unhelp* uninspir* uninstall* unintellig* uninterest* unnecess*
unoriginal unpleas* unreal* unreliab* unsafe unsatisf* vague* vain vulgar wast* weak* weary weird* wobbl*
wooden woeful* wors* worse worry* wrong
"""


def _weigh() -> tuple[dict[str, float], dict[str, float]]:
    exact: dict[str, float] = {}
    prefix: dict[str, float] = {}
    for words, weight in ((PRAISE, 1.0), (BLAME, -1.0), (STRONG_PRAISE, 2.0), (STRONG_BLAME, -2.0)):
        for word in words.split():
            (prefix if word.endswith("*") else exact)[word.rstrip("*")] = weight
    return exact, prefix


_EXACT, _PREFIX = _weigh()


@lru_cache(maxsize=16384)
def weight(word: str) -> float:
    """Gives what a lower-case word counts for: above 0 praise, below 0 blame, by its longest known stem."""
    if word in _EXACT:
        return _EXACT[word]
    if word.endswith("less") and len(word) > 6:
        return -1.0 if word[:-4] not in ("flaw", "price", "time", "effort", "seam") else 1.0
    for end in range(len(word), 2, -1):
        if word[:end] in _PREFIX:
            return _PREFIX[word[:end]]
    return 0.0
