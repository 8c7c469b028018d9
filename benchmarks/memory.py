"""Memory of a training process after 10,000,000 logged rows.

Target: under 30 MB more than before.
"""

from __future__ import annotations

from benchmarks.harness import child, scratch, table

CODE = """
import json, os, sys
import playhead
def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
run = playhead.init(project="bench", mode="offline", settings=playhead.Settings(disable_stats=True))
row = {"loss": 0.5}
run.log(row)
before, count = rss(), int(sys.argv[1])
for i in range(count):
    row["loss"] = i * 1e-7
    run.log(row)
print(json.dumps({"before": before, "after": rss()}), flush=True)
os._exit(0)
"""


def main() -> None:
    with scratch() as folder:
        found = child(CODE, folder, "10000000")
        table(("10,000,000 rows of one float", "MB"), [*found.items(), ("more", found["after"] - found["before"])])


if __name__ == "__main__":
    main()
