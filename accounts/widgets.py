"""Form widgets that Django's own would draw too slowly."""

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from accounts import zones

SELECTED = mark_safe(" selected")


class ZoneSelect(forms.Select):
    """A select of all time zones by region. Django would render a template for each of the four hundred options."""

    def render(self, name, value, attrs=None, renderer=None):
        selected = str(value or "")
        groups = format_html_join(
            "",
            '<optgroup label="{}">{}</optgroup>',
            ((region, _options(cities, selected)) for region, cities in zones.choices(zones.known_or_utc(selected))),
        )
        attributes = format_html_join(
            "", ' {}="{}"', self.build_attrs(self.attrs, {"name": name, **(attrs or {})}).items()
        )
        return format_html("<select{}>{}</select>", attributes, groups)


def _options(cities: tuple[tuple[str, str], ...], selected: str) -> str:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((zone, SELECTED if zone == selected else "", city) for zone, city in cities),
    )
