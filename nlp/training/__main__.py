"""``python -m nlp.training --data DIR --output DIR``: train the English pipeline and write it to a folder."""

import argparse
import time
from pathlib import Path

from spacy.language import Language

from nlp.training.corpus import read_treebank
from nlp.training.evaluate import tag_scores
from nlp.training.recipe import Config, train


def main(arguments: list[str] | None = None) -> None:
    """Train, report the scores on the treebank's dev part after each epoch, write the pipeline."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.conllu and dev.conllu")
    parser.add_argument("--output", type=Path, required=True, help="folder the pipeline is written to")
    parser.add_argument("--epochs", type=int, default=Config().epochs, help="passes over the training sentences")
    parser.add_argument("--seed", type=int, default=Config().seed, help="seed of weights, dropout and order")
    options = parser.parse_args(arguments)
    config = Config(epochs=options.epochs, seed=options.seed)
    training = read_treebank(options.data / "train.conllu")
    development = read_treebank(options.data / "dev.conllu")
    started = time.perf_counter()

    def report(epoch: int, language: Language) -> None:
        scores = tag_scores(language, development)
        print(
            f"epoch {epoch:2d}  {time.perf_counter() - started:5.0f} s  XPOS {scores.xpos:.4f}  "
            f"UPOS {scores.upos:.4f}  sentence starts F {scores.sentence_f:.3f}",
            flush=True,
        )

    language = train(training, config, report)
    language.to_disk(options.output)


if __name__ == "__main__":
    main()
