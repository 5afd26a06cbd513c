"""How fast an address is asked: calls at once as it bears them, calls and tokens a minute, a pause for all.

Calls at once halve when the server refuses more than a third of them for being asked too much, or leaves as many
unanswered in time, and grow by an eighth after each window of replies, up to the limit, while replies come about as
soon as they did. Fewer refusals are borne, and their calls sent again: some
servers refuse at random, or for what others ask. To slow down at each would leave a few calls at once; to grow
faster would meet a limit that is one too often.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lab.models.roles import Limits

__all__ = ["Minute", "Pace", "Turn", "deadline"]

# A little over a minute: calls reach the server later than they start, and some more so than others.
WINDOW_S = 60.5
LEAST = 16  # calls of a window: of fewer, chance would decide
BORNE = 1 / 3  # of a window
GROWTH = 8
QUICK_S = 0.25  # below this nobody minds how long replies take
SLOWER = 2.0  # times the mean latency of the best window: more calls at once would only wait longer
TIMES_PASSED = 4  # as many calls as go at once: so many others may be answered before one that waits
ENDS_KEPT = 8192


@dataclass
class _Lane:
    """What belongs to one event loop: whose turn it is to wait at the gate, and the calls under way."""

    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    n_flying: int = 0
    n_ended: int = 0
    ended_at: deque[float] = field(default_factory=lambda: deque(maxlen=ENDS_KEPT))  # the last of them


@dataclass
class _Window:
    """What became of the last calls that began since the pace was lowered; see `Pace._adapt`."""

    n_ended: int = 0
    n_refused: int = 0
    latency_s: float = 0.0  # of all replies together


@dataclass(slots=True, eq=False)
class Turn:
    """One call under way: when it began, its tokens of the minute, and how often the pace had slowed by then."""

    lane: _Lane
    at: float
    n_tokens: int
    n_slowed: int
    ahead: int = 0  # how many calls will have ended when a queue is no reason any more for this one to wait
    counts: bool = True


def deadline(turn: Turn, began: float, timeout_s: float) -> float:
    """Return when a call is out of time, by the monotonic clock, as far as is known now.

    A server may answer one call after another, in any order, and is at work while others end: queueing is not
    failing. The time counts from the end of the last one, until so many have passed that a queue cannot be why.
    """
    lane = turn.lane
    before = min(lane.n_ended, turn.ahead)
    place = before - 1 - (lane.n_ended - len(lane.ended_at))
    freed = lane.ended_at[place] if 0 <= place < len(lane.ended_at) else began
    return max(began, freed) + timeout_s


class Minute:
    """The calls and tokens of the last minute; paces of one address and key may share it."""

    def __init__(self, limits: Limits) -> None:
        self._n_calls, self._most_tokens = limits.requests_per_minute, limits.tokens_per_minute
        self._turns: deque[Turn] = deque()
        self._n_tokens = 0

    @property
    def is_bounded(self) -> bool:
        return self._n_calls > 0 or self._most_tokens > 0

    def add(self, turn: Turn) -> None:
        if self.is_bounded:
            self._turns.append(turn)
            self._n_tokens += turn.n_tokens

    def correct(self, turn: Turn, n_tokens: int) -> None:
        """Set the tokens of a call right, while they count."""
        if self.is_bounded and turn.counts:
            self._n_tokens += n_tokens - turn.n_tokens
            turn.n_tokens = n_tokens

    def full_for_s(self, now: float, n_tokens: int) -> float:
        """Describe how long to wait at most before a call of so many tokens may begin; 0 or less for not at all."""
        turns = self._turns
        while turns and now - turns[0].at >= WINDOW_S:
            gone = turns.popleft()
            gone.counts = False
            self._n_tokens -= gone.n_tokens
        full = 0 < self._n_calls <= len(turns)
        # A call larger than a whole minute's tokens goes when it is alone: it would wait for ever.
        if turns and 0 < self._most_tokens < self._n_tokens + n_tokens:
            full = True
        return turns[0].at + WINDOW_S - now if full else 0.0


class Pace:
    """Shared by all who call one address with one key; `clock` and `sleep` are in seconds.

    Calls begin in the order they came. One that waits can be cancelled at any time. Event loops may follow
    one another; of loops that run together each has the calls at once for itself.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        minute: Minute | None = None,
        first: int | None = None,
    ) -> None:
        self.limits = limits
        self.at_once = min(limits.concurrency, first or limits.concurrency)
        self.sleep = sleep
        self._clock = clock
        self._lanes: dict[asyncio.AbstractEventLoop, _Lane] = {}
        self._paused_until = -math.inf
        self.n_well = 0
        self.well_at = -math.inf  # when the last reply came
        self._n_slowed = 0
        self._window = _Window()
        self._best_latency_s = math.inf
        self._minute = minute or Minute(limits)

    def now(self) -> float:
        """Return the time, in seconds, by the clock of this pace."""
        return self._clock()

    async def start(self, n_tokens: int = 0) -> Turn:
        """Wait until a call of about `n_tokens` may begin; whoever starts must end."""
        lane = self._lane()
        async with lane.gate:
            while (wait_s := self._wait_s(lane, n_tokens)) > 0:
                await self._freed(lane, wait_s)
            lane.n_flying += 1
        ahead = lane.n_ended + TIMES_PASSED * self.at_once
        turn = Turn(lane, self._clock(), n_tokens, self._n_slowed, ahead)
        self._minute.add(turn)
        return turn

    def end(self, turn: Turn) -> None:
        """Make room for the next call."""
        turn.lane.n_flying -= 1
        turn.lane.n_ended += 1
        turn.lane.ended_at.append(time.monotonic())
        turn.lane.freed.set()

    def went_well(self, turn: Turn, n_tokens: int | None = None) -> None:
        """Take note of a reply, and of the tokens it really took where they are known."""
        if n_tokens is not None:
            self._minute.correct(turn, n_tokens)
        self.n_well += 1
        self.well_at = self._clock()
        self._adapt(turn)

    def slow_down(self, turn: Turn, pause_s: float = 0.0) -> None:
        """Take note of a refusal, before the call ends; a pause holds for all callers."""
        self._adapt(turn, was_refused=True)
        self._paused_until = max(self._paused_until, self._clock() + pause_s)

    def _adapt(self, turn: Turn, *, was_refused: bool = False) -> None:
        """Set how many calls go at once; those that began before it was last lowered tell nothing of it."""
        if turn.n_slowed != self._n_slowed:
            return
        window = self._window
        window.n_ended += 1
        window.n_refused += was_refused
        window.latency_s += 0.0 if was_refused else self._clock() - turn.at
        n_calls = max(LEAST, self.at_once)
        if window.n_refused > n_calls * BORNE:
            self.at_once = max(1, self.at_once // 2)
            self._n_slowed += 1
        elif window.n_ended >= n_calls:
            latency_s = window.latency_s / (window.n_ended - window.n_refused or 1)
            self._best_latency_s = min(self._best_latency_s, latency_s)
            if latency_s <= max(QUICK_S, SLOWER * self._best_latency_s):
                self.at_once = min(self.limits.concurrency, self.at_once + max(1, self.at_once // GROWTH))
        else:
            return
        self._window = _Window()

    def _lane(self) -> _Lane:
        loop = asyncio.get_running_loop()
        if (lane := self._lanes.get(loop)) is None:
            self._lanes = {loop: lane for loop, lane in self._lanes.items() if not loop.is_closed()}
            lane = self._lanes[loop] = _Lane()
        return lane

    def _wait_s(self, lane: _Lane, n_tokens: int) -> float:
        """Describe how long to wait at most before looking again; 0 or less for not at all."""
        if lane.n_flying >= self.at_once:
            return math.inf
        now = self._clock()
        paused_s = self._paused_until - now
        return max(paused_s, self._minute.full_for_s(now, n_tokens))

    async def _freed(self, lane: _Lane, wait_s: float) -> None:
        """Wait until a call ends, or for a time: what comes first."""
        lane.freed.clear()
        if math.isinf(wait_s):
            await lane.freed.wait()
            return
        alarm = asyncio.ensure_future(self.sleep(wait_s))
        alarm.add_done_callback(lambda _: lane.freed.set())
        try:
            await lane.freed.wait()
        finally:
            alarm.cancel()
