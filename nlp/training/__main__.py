"""``python -m nlp.training --data DIR --output DIR``: train the English pipeline and write it to a folder."""

import argparse
import time
from pathlib import Path

from spacy.language import Language

from nlp.training.corpus import read_treebank
from nlp.training.evaluate import Scores, evaluate
from nlp.training.recipe import Config, train


def described(scores: Scores) -> str:
    """The scores as one line."""
    return (
        f"XPOS {scores.xpos:.4f}  UPOS {scores.upos:.4f}  sentence starts F {scores.sentence_starts.f:.3f}  "
        f"noun phrases P {scores.noun_phrases.precision:.3f} R {scores.noun_phrases.recall:.3f} "
        f"F {scores.noun_phrases.f:.3f}  adjectives F {scores.adjectives.f:.3f}"
    )


def main(arguments: list[str] | None = None, config: Config | None = None) -> None:
    """Train, report the scores on the treebank's dev part after each epoch, write the pipeline.

    ``config`` is what the options are read over: the recipe of the shipped pipeline unless another is given.
    """
    config = config or Config()
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.conllu and dev.conllu")
    parser.add_argument("--output", type=Path, required=True, help="folder the pipeline is written to")
    parser.add_argument("--epochs", type=int, default=config.epochs, help="passes over the training sentences")
    parser.add_argument("--seed", type=int, default=config.seed, help="seed of weights, dropout and order")
    options = parser.parse_args(arguments)
    config = config.model_copy(update={"epochs": options.epochs, "seed": options.seed})
    training = read_treebank(options.data / "train.conllu")
    development = read_treebank(options.data / "dev.conllu")
    started = time.perf_counter()

    def report(epoch: int, language: Language) -> None:
        seconds = time.perf_counter() - started
        print(f"epoch {epoch:2d}  {seconds:5.0f} s  {described(evaluate(language, development))}", flush=True)

    language = train(training, config, report)
    language.to_disk(options.output)


if __name__ == "__main__":
    main()
