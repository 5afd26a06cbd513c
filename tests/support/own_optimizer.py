"""An optimizer of one's own: climbing a hill. Word the best prompt anew, measure, keep what scores best."""

from dataclasses import dataclass

from lab.core.asks import Candidate, Done, Evaluate, Generate, Pick, Request
from lab.optimizers import Optimizer, register
from lab.optimizers.replies import candidate_flaw, flawed, whole
from lab.optimizers.rows import subset
from lab.optimizers.settings import number

# fmt: off
ASK = "Say these instructions in other words. Reply with them only.\n<INSTRUCTIONS>\n{best}\n</INSTRUCTIONS>"
@dataclass(frozen=True)
class Settings:
    rounds: int = number(3, 1, 99, "steps up the hill, {range}")
    rows: int = number(24, 1, 999, "train examples that prompts are scored on, {range}")

@dataclass(frozen=True)
class Propose:
    round: int
    prompts: tuple[str, ...]
    others: tuple[Candidate, ...] = ()
    title, term, about, passes = "Review new wordings", "neighbours", "The best prompt in other words.", False
    def ask(self, context, sample=0):
        request = Request(ASK.format(best=self.prompts[0]), n=4, about="four new wordings")
        return Generate((request,)) if self.round < context.settings.rounds else Done(self.prompts[0])
    def read(self, context, replies):
        told = [(i, *whole(reply)) for i, reply in enumerate(replies[0])]
        return self.check(context, [Candidate(t, (), f, *self.prompts, "paraphrase", reply=i) for i, t, f in told])
    def check(self, context, items):
        texts, best = [item.text for item in items], self.prompts[0]
        taken = () if self.others else self.prompts  # the best may stay, but is no new wording
        flaws = [candidate_flaw(t, best, (*taken, *texts[:i]), len(best) + 4000) for i, t in enumerate(texts)]
        return tuple(flawed(item, item.flaw or flaw) for item, flaw in zip(items, flaws, strict=True))
    def tell(self, context, kept):
        return Measure(self.round, self.prompts, kept) if kept else Propose(self.round + 1, self.prompts)

class Measure(Propose):
    title, term, about, passes = "Measure the wordings", "fitness", "They answer the same train examples.", True
    def ask(self, context, sample=0):
        return Evaluate((*self.prompts, *(other.text for other in self.others)), subset(context, sample))
    def read(self, context, replies):
        return replies
    def tell(self, context, kept):
        made = [Candidate(one.text, (), None, *self.prompts, "paraphrase", score=one.mean) for one in kept]
        return Keep(self.round, self.prompts, tuple(sorted(made, key=lambda c: (c.score is None, -(c.score or 0)))))

class Keep(Propose):
    title, term, about = "Keep the best", "a step up", "What scores best is worded anew in the next step."
    def ask(self, context, sample=0):
        return Pick(self.others, (0,))
    def tell(self, context, kept):
        return Propose(self.round + 1, (kept[0].text,) if kept else self.prompts)

register(Optimizer("climb", "Climb", "An example, of no paper", Settings,
                   (Propose, Measure, Keep), lambda new, handed=(): Propose(0, (*handed, new.task.start)[:1])))
