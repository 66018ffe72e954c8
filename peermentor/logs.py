import logging


class OneLineFormatter(logging.Formatter):
    """One event, one line: what people typed cannot forge a second one. A traceback follows its line, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).splitlines() or [""]
        if record.exc_info or record.exc_text or record.stack_info:
            return "\n    ".join([first, *rest])
        return " ⏎ ".join([first, *rest])
