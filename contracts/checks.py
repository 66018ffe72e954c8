"""What `manage.py check --deploy` says about the seal."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from contracts.sealing import keys


@register(deploy=True)
def check_seal(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Without its key and its certificate nothing that two have signed can be sealed."""
    return [
        Error(fault.sentence, id="contracts.E001") if fault.is_grave else Warning(fault.sentence, id="contracts.W001")
        for fault in keys.faults()
    ]
