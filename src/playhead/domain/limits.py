"""Every limit has a name here. Hitting one is counted and told, never silent."""

from __future__ import annotations

MAX_RUN_ID = 64
"""Characters of a run id."""
MAX_NAME = 128
"""Characters of an entity, project or group name."""
MAX_TAG = 64
"""Characters of a tag."""
MAX_KEY = 512
"""Characters of a metric, config or summary key."""
MAX_DEFINITIONS = 10_000
"""Metrics of one run that something is said of with `define_metric`."""
MAX_KEYS_PER_ROW = 100_000
"""Metrics in one `log()` call."""
MAX_TEXT = 1 << 20
"""Characters of one logged string; what is longer is cut there, told once and counted."""
MAX_ROW = 8 << 20
"""Bytes of one row; a larger one is refused, told once and counted."""
MAX_FRAME = 16 << 20
"""Bytes of one journal frame's payload. A length beyond it is damage."""
MAX_BATCH = 24 << 20
"""Bytes of journal in one request; more than a frame, so that every frame can travel."""
SHIP_BATCH = 4 << 20
"""Bytes of journal that the sidecar sends at once while frames are of usual size."""
MAX_BLOB = 64 << 20
"""Bytes of one image."""
MAX_MEDIA = 2 << 30
"""Bytes of one image, video, table or the like, before it is encoded and after."""
MAX_RAW = 512 << 20
"""Bytes of images and the like that wait to be encoded behind the training; beyond it the training encodes them itself."""
MAX_MEDIA_LIST = 1_000
"""Images and the like in one logged list; the first so many are kept."""
MAX_TABLE_PAGE = 10_000
"""Rows of a table in one answer, which has fewer if they are long."""
MAX_TABLE_ROWS = 2_000_000
"""Rows of a logged table."""
MAX_POINTS = 2_000_000
"""Points of a logged point cloud."""
MAX_BINS = 512
"""Bins of a histogram."""
MAX_FILE = 1 << 40
"""Bytes of one file."""
MAX_FILE_NAME = 1_024
"""Characters of a file's name in its run, folders included."""
FILE_PIECE = 8 << 20
"""Bytes of a file that travel in one request, and are held at once."""
PINNED_FILES = 100
"""Files of one `save()` that are held on to before it returns; of the others the sidecar takes what they are when it comes to them."""
PINNED_BYTES = 1 << 20
"""Bytes of them that are copied for that."""
MAX_LINKS = 64
"""Links for pieces of an upload that a server gives at once."""
SMALL_FILE = 256 << 10
"""Bytes up to which files travel several at once."""
MAX_PACK = 16 << 20
"""Bytes of small files in one request."""
MAX_ANSWER = 512 << 20
"""Bytes of a server's answer that a client takes."""
MAX_PAGES = 10_000
"""Pages of one list that a client asks for."""
MAX_FOREIGN_BODY = 16 << 20
"""Bytes of a request of W&B's client, which sends up to some ten million."""
MAX_BODY = 1 << 20
"""Bytes of any other request."""
MAX_PATCH = 32 << 20
"""Bytes of one patch of a run's code; of a larger one nothing is kept."""
MAX_UNTRACKED_FILE = 1 << 20
"""Bytes of a file that git does not know; a larger one is not kept with the code."""
MAX_UNTRACKED = 32 << 20
"""Bytes of all of them; the smallest are kept."""
MAX_UNTRACKED_FILES = 10_000
"""How many of them are kept."""
MAX_BUNDLE = 64 << 20
"""Bytes of the commits that no remote has; of more nothing is kept."""
MAX_BUNDLE_COMMITS = 10_000
"""How many they may be."""
MAX_SUBMODULES = 100
"""Submodules of one run's code."""
MAX_LEFT_OUT = 50
"""Sentences on what was not kept of a repository; the rest is counted."""
MAX_CONSOLE_LINE = 16 << 10
"""Characters of one console line; the rest of a longer one is cut."""
MAX_PAGE = 1_000
"""Items of one page of a list."""
MAX_BUCKETS = 4_000
"""Buckets of one chart."""
MAX_CELLS = 2_000_000
"""Values of rows that travel as columns in one answer: some 32 MB with their steps."""
MAX_RECORD_RUNS = 50
"""Runs of which all records can be asked for at once."""
MAX_CHART_RUNS = 500
"""Runs in one chart."""
MAX_SCHEMAS = 1_000
"""Row schemas that a writer keeps at hand; beyond it the oldest are announced again when needed."""
MAX_HELD_KEYS = 1_000_000
"""Keys of all those schemas together; the same beyond it."""
MAX_STEP = (1 << 53) - 1
"""The largest step: what is beyond no page could hold."""
MAX_TIME = 253_402_300_800_000_000
"""Microseconds: the end of the year 9999."""
MAX_FACTS = 10_000
"""Values of one config or summary that can be asked for."""
MAX_ELEMENTS = 100
"""Elements of one list that can be asked for."""
MAX_FILTER = 20_000
"""Characters of a filter."""
MAX_CONDITIONS = 200
"""Conditions of a filter."""
MAX_NESTING = 50
"""Conditions inside one another."""
MAX_CHOICES = 1_000
"""Values of one `in`."""
MAX_PATTERN = 500
"""Characters of a regular expression, and as many parts of it when repetitions are written out."""
MAX_FILTER_SECONDS = 10.0
"""Seconds that the database may search."""
MAX_WEBHOOKS = 20
"""Webhooks of one project."""
MAX_URL = 2_000
"""Characters of a webhook's address."""
MAX_ALERT_TITLE = 64
"""Characters of an alert's title."""
MAX_ALERT_TEXT = 16_384
"""Characters of its text."""
MAX_ALERTS_WAITING = 1_000
"""Alerts that wait for one webhook; what comes then is not sent there, and counted."""
ALERT_AGE = 3_600.0
"""Seconds after which an alert that arrives is no news any more, and is not sent."""
POST_SECONDS = 15.0
"""Seconds that one delivery to a webhook may take."""
MAX_ATTEMPTS = 10
"""Deliveries of one alert to one webhook until it is given up."""
MAX_ENTRIES = 500_000
"""Files and references of one artifact."""
MAX_MANIFEST = 192 << 20
"""Bytes of its manifest."""
MAX_REFERENCE = 4_096
"""Characters of what a reference refers to."""
MAX_ALIASES = 100
"""Aliases of one version, and as many tags."""
MAX_DESCRIPTION = 100_000
"""Characters of what is said of an artifact."""
MAX_METADATA = 1 << 20
"""Characters of an artifact's metadata, as JSON."""
MAX_TTL = 100 * 366 * 24 * 3600
"""Seconds that a version can be said to be kept."""
MAX_LINEAGE = 500
"""Artifacts and runs of one lineage that are shown at once."""
