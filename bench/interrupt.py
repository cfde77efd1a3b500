"""A process that predicts, is interrupted by SIGINT at a random moment, and predicts the same again, many times.

Prints a line per interruption: empty where it was heard and the bits afterwards are those of an undisturbed run, else
what was wrong.

    python bench/interrupt.py M.molq TIMES SEED
"""

from __future__ import annotations

import itertools
import random
import signal
import sys
import time

import molq
from molq.chem.table import read_table
from molq.data.locate import locate

_N_BATCHES = 16


class Alarm:
    """A SIGINT after some time, and whether it came."""

    def __init__(self) -> None:
        self.came = False
        signal.signal(signal.SIGALRM, self._strike)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background begins without

    def set(self, seconds: float) -> None:
        self.came = False
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))

    def clear(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _strike(self, *_: object) -> None:
        self.came = True
        signal.raise_signal(signal.SIGINT)


def main() -> None:
    path, times, chance = sys.argv[1], int(sys.argv[2]), random.Random(int(sys.argv[3]))
    batches = molecules(chance)
    model = molq.load(path)
    expected = [bits(model, batch) for batch in batches]
    started = time.perf_counter()
    bits(molq.load(path), batches[0])
    longest = time.perf_counter() - started
    alarm, struck = Alarm(), 0
    unraisable: list[object] = []  # Python itself drops what is raised while it clears up an object
    sys.unraisablehook = unraisable.append
    while struck < times:
        place = chance.randrange(_N_BATCHES)
        model = molq.load(path) if chance.random() < 0.5 else model  # a new one builds its engine first
        heard, unraisable[:] = False, []
        try:
            alarm.set(chance.random() ** 2 * longest)
            bits(model, batches[place])
            alarm.clear()
        except KeyboardInterrupt:
            heard = True
        alarm.clear()
        if not alarm.came:
            continue
        struck += 1
        same = bits(model, batches[place]) == expected[place]
        print("" if (heard or unraisable) and same else "swallowed" if same else "other bits", flush=True)


def molecules(chance: random.Random) -> list[list[str]]:
    """Batches of real molecules, of ring systems that have to be learnt, and of text that RDKit complains of."""
    smiles = read_table(locate("zinc-sample")).read_smiles
    rings = [ring_system(letters) for letters in itertools.product("cn", repeat=8)]
    chance.shuffle(rings)
    broken = [f"{text}{end}" for text, end in zip(smiles, itertools.cycle("(1]=#"), strict=False)]
    return [
        chance.choices(smiles, k=40) + rings[16 * i : 16 * i + 16] + chance.choices(broken, k=10)
        for i in range(_N_BATCHES)
    ]


def ring_system(letters: tuple[str, ...]) -> str:
    """Three six-membered rings in a row, with carbon or nitrogen at eight places."""
    a, b, c, d, e, f, g, h = letters
    return f"c1{a}c2{b}c3{c}{d}{e}cc3{f}c2{g}{h}1"


def bits(model: molq.Model, batch: list[str]) -> tuple[bytes, list[object]]:
    scores, reasons = model.predict(batch, reasons=True)
    return scores.tobytes(), reasons.tolist()


if __name__ == "__main__":
    main()
