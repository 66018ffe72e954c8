from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.meaning.engines import ENGINES, chosen
from accounts.meaning.evaluating import MOST_TOPICS, RANKS, Figures, NoSuchLayout, figures, read_questions

WIDTHS = (16, 8, 9, 8, *(6 for _rank in RANKS), 6, 7, 9)


class Command(BaseCommand):
    help = "Measures how well the topic is found that a phrase means, beside spelling alone, on a file of such phrases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="tab-separated; layouts: see accounts/meaning/evaluating.py")
        parser.add_argument("--concepts", type=Path, help="a file with the column label: wrong answers to choose among")
        parser.add_argument(
            "--topics", type=int, default=MOST_TOPICS, help="how many answers there are, with --concepts"
        )
        parser.add_argument(
            "--engine",
            action="append",
            choices=list(ENGINES),
            help="may be given more than once; else that of TOPIC_ENGINE",
        )

    def handle(self, *args: object, **options: object) -> None:
        path, concepts = options["file"], options["concepts"]
        assert isinstance(path, Path)
        assert concepts is None or isinstance(concepts, Path)
        try:
            sets = read_questions(path, concepts, int(str(options["topics"])))
        except (OSError, UnicodeDecodeError, KeyError, NoSuchLayout) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        named = options["engine"]
        engines = [ENGINES[name] for name in named] if isinstance(named, list) else [chosen()]
        if ENGINES["none"] not in engines:
            engines.append(ENGINES["none"])
        heads = (
            "questions",
            "engine",
            "asked",
            "answers",
            *(f"R@{rank}" for rank in RANKS),
            "MRR",
            "linked",
            "precision",
        )
        self.stdout.write(line(heads))
        for questions in sets:
            for engine in engines:
                self.stdout.write(line(cells(figures(questions, engine))))


def cells(found: Figures) -> tuple[str, ...]:
    """Return the figures as people read them; shares with three places."""
    shares = [*found.found.values(), found.reciprocal_rank, found.linked]
    precision = "" if found.precision is None else f"{found.precision:.3f}"
    return (
        *(found.name, found.engine, str(found.questions), str(found.answers)),
        *(f"{share:.3f}" for share in shares),
        precision,
    )


def line(cells: tuple[str, ...]) -> str:
    """Words to the left, numbers to the right."""
    return "  ".join(
        cell.ljust(width) if number < 2 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ).rstrip()
