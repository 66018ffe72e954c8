"""Form widgets that Django's own would draw too slowly: a template for each box and each of four hundred options."""

from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import zones


class ZoneSelect(forms.Select):
    """A select of all time zones by region."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = str(value) if value in zones.known() else ""
        options = _zones(chosen if zones.is_unusual(chosen) else "")
        if chosen:
            option = format_html('<option value="{}"', chosen)
            options = mark_safe(options.replace(f"{option}>", f"{option} selected>"))  # noqa: S308 - both are escaped
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, options)


@cache
def _zones(also: str) -> SafeString:
    """Return the options, which are the same for everybody; `also` is a zone that stands in no region."""
    drawn = (
        (region, format_html_join("", '<option value="{}">{}</option>', cities))
        for region, cities in zones.choices(also)
    )
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', drawn)


class _Boxes:
    """Draws one box after another, without its label: the template of the field has that."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        box = context["widget"]
        if box.get("wrap_label") is not False or "index" not in box:
            return super()._render(template_name, context, renderer)  # type: ignore[misc,no-any-return]
        named = {"type": box["type"], "name": box["name"], "value": str(box["value"])}
        return format_html("<input{}>", flatatt(named | box["attrs"]))


class Radios(_Boxes, forms.RadioSelect):
    """One of several."""


class Ticks(_Boxes, forms.CheckboxSelectMultiple):
    """Some of several."""
