# Everything a newcomer needs: `make demo`, `make test`. Needs Python 3.11+, make and a C++ compiler (for annoy).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data

# annoy's own default is -march=native: a build of one machine would then crash on another
export ANNOY_COMPILER_ARGS ?= -D_CRT_SECURE_NO_WARNINGS,-fpermissive,-O3,-ffast-math,-fno-associative-math,-std=c++14,-DANNOYLIB_MULTITHREADED_BUILD

.PHONY: quality-ranking help setup demo test check real bench train-language reference clean bench-text bench-crawl prove-crawl quality quality-text bench-search bench-related quality-faithful

help:
	@echo "make demo   set up and run the whole job on a made-up music world"
	@echo "make test   set up if needed, lint, types, import floors, tests"
	@echo "make check  lint, types and import floors alone"
	@echo "make real   the whole job on real data (DATA=$(DATA))"
	@echo "make bench  ALS beside implicit on made-up plays (installs the bench extra)"
	@echo "make bench-als-memory  what ALS takes beyond the program's own memory, with and without a bound"
	@echo "make bench-als-wall  ALS by plays and threads, the memory floor, Spark (installs the bench extra)"
	@echo "make bench-word2vec  words per second of the playlist model beside gensim's own from a file"
	@echo "make bench-360k  the whole job on made-up plays of the shape of Last.fm 360K"
	@echo "make bench-import   rows per second of imports on a made-up table of the shape of Last.fm 360K"
	@echo "make bench-text     documents to counts beside the bare spaCy pipeline, and memory"
	@echo "make bench-crawl    throughput beside a bare spider, revisiting beside two rules, the claim at a million pages"
	@echo "make prove-crawl    hostile bytes, a server full of faults, 200 kills (an hour)"
	@echo "make test-faults    kills at every point of the code, 300 failing system calls, full disks, suspended builds, 2,000 damaged files, readers and writers (two at a time)"
	@echo "make bench-search   everybody's nearest exactly, by Annoy and by hnswlib (installs the bench extra)"
	@echo "make bench-related  50,000 made-up artists from vectors to published rows, by phase, and one query"
	@echo "make quality  listening models on held-out plays beside implicit (DATA=$(DATA); installs the bench extra)"
	@echo "make quality-playlists  the playlist model beside every plain cosine of membership (DATA=$(DATA))"
	@echo "make quality-discover  Discover's lists on held-out plays beside EASE, implicit, item-kNN (DATA=$(DATA))"
	@echo "make quality-radio  listeners with hidden tastes listen to radio sessions (DATA=$(DATA))"
	@echo "make bench-radio-sessions  the next song among 200,000 tracks; 1,000 sessions at once (URL=…: on PostgreSQL)"
	@echo "make quality-text   ways to make vectors of text, judged by tags (DATA=$(DATA))"
	@echo "make quality-ranking  fusion and ranker on real data, with and without labels (DATA=$(DATA))"
	@echo "make bench-radio  stations of 100,000 made-up tracks: time and memory"
	@echo "make quality-continuation  playlists continued from 1 to 25 tracks beside item-kNN, ALS, word2vec (DATA=$(DATA))"
	@echo "make quality-faithful  whether evidence carries the similarity that it is given for"
	@echo "make train-language   train the English pipeline anew (DATA=$(DATA))"

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kinsong needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup
	$(BIN)/kinsong demo

check: setup
	$(BIN)/ruff check --no-cache
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m kinsong.reference --check docs/reference.md

test: check
	$(BIN)/pytest --numprocesses auto

real: setup
	$(BIN)/python -m tests.quality.real $(DATA)

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.quality.bench_als

.PHONY: bench-import
bench-import: setup
	$(BIN)/python -m tests.quality.bench_import

.PHONY: bench-word2vec
bench-word2vec: setup
	$(BIN)/python -m tests.quality.bench_word2vec

.PHONY: bench-als-memory bench-als-wall bench-360k
bench-als-memory: setup
	$(BIN)/python -m tests.quality.bench_als_memory

bench-als-wall: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.quality.bench_als_wall

bench-360k: setup
	$(BIN)/python -m tests.quality.bench_360k

bench-text: setup
	$(BIN)/python -m tests.quality.text_speed
	$(BIN)/python -m tests.quality.text_names
	$(BIN)/python -m tests.quality.text_memory

bench-crawl: setup
	$(BIN)/python -m tests.quality.crawl_speed
	$(BIN)/python -m tests.quality.crawl_revisit
	$(BIN)/pytest -s tests/quality/crawl_claim.py

prove-crawl: setup
	$(BIN)/python -m tests.quality.crawl_mutations
	$(BIN)/python -m tests.quality.crawl_faults
	$(BIN)/python -m tests.quality.crawl_kills

FAULTS := fault-failures fault-damage fault-kills fault-postgres fault-cases

.PHONY: test-faults $(FAULTS)
test-faults: setup
	$(MAKE) --jobs 2 --output-sync=target --keep-going $(FAULTS)

fault-kills fault-failures fault-cases: fault-%:
	$(BIN)/python -m tests.quality.fault_$*

fault-postgres:
	$(BIN)/pytest -s tests/quality/fault_digests.py tests/quality/fault_postgres.py

fault-damage:
	$(BIN)/pytest -s tests/quality/fault_damage.py

bench-search: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.quality.bench_search

bench-related: setup
	$(BIN)/python -m tests.quality.bench_related

quality-faithful: setup
	$(BIN)/python -m tests.quality.faithful

quality: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.quality.listening $(DATA)/lastfm-2k/plays.tsv

.PHONY: quality-playlists
quality-playlists: setup
	$(BIN)/python -m tests.quality.playlists $(DATA)

.PHONY: quality-discover quality-radio bench-radio-sessions
quality-discover: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.quality.discover $(DATA)/lastfm-2k/plays.tsv

quality-radio: setup
	$(BIN)/python -m tests.quality.radio_replay $(DATA)

bench-radio-sessions: setup
	$(BIN)/python -m tests.quality.radio_sessions $(URL)

quality-text: setup
	$(BIN)/python -m tests.quality.text_vectors $(DATA)

quality-ranking: setup
	$(BIN)/python -m tests.quality.ranking $(DATA)

train-language: setup
	$(BIN)/python -m nlp.training --data $(DATA)/ud-english-ewt --output nlp/model

reference: setup
	$(BIN)/python -m kinsong.reference docs/reference.md

clean:
	rm -rf $(VENV) kinsong-home kinsong-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: quality-continuation
quality-continuation: setup
	$(BIN)/python -m tests.quality.continuation $(DATA)

.PHONY: bench-radio
bench-radio: setup
	$(BIN)/python -m tests.quality.bench_radio
