"""`python -m benchmarks.trust`: the validation of the trust score on a simulated fleet, as a table."""

import argparse
import sys

from benchmarks.trust.fleet import RECOMMENDED, RECOMMENDED_LABELS, run
from benchmarks.trust.report import recommended_rows, rows, table

# None of these was looked at while parameters were chosen: that was done on 1, 5, 7 and 11.
HELD_OUT_SEEDS = (19, 23)


def main() -> None:
    """Print the tables; takes one core for some minutes a seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trust", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(HELD_OUT_SEEDS))
    parser.add_argument("--share", type=float, default=1.0, help="of each label's agents")
    arguments = parser.parse_args()

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    fleets = [run(seed, share=arguments.share, told=tell) for seed in arguments.seeds]
    print(table(rows(), fleets))
    print("\nThe same agents with bursts judged as was first recommended:\n")
    compared = [
        run(seed, RECOMMENDED, RECOMMENDED_LABELS, share=arguments.share, told=tell)
        for seed in arguments.seeds
    ]
    print(table(recommended_rows(), compared))


if __name__ == "__main__":
    main()
